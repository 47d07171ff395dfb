/** The folder of this file in either build: an ES module and a CommonJS one tell it by words the other does not know. */
export const here = __dirname;
