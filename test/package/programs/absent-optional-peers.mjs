/** Makes the optional peers impossible to load, as in an app that never installed them. */
import { Module, register } from 'node:module';

const absent = /^(class-validator|class-transformer|msgpackr|cbor-x|jose)(\/|$)/;

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  if (absent.test(request))
    throw Object.assign(new Error(`Cannot find ${request}`), { code: 'MODULE_NOT_FOUND' });
  return resolveFilename.call(this, request, ...rest);
};

const hooks = `export function resolve(specifier, context, next) {
  if (${absent}.test(specifier)) throw Object.assign(new Error('Cannot find ' + specifier), { code: 'ERR_MODULE_NOT_FOUND' });
  return next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
