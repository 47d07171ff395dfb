export { contentTypeOf, isText } from '../../protocol/content-type.js';
