import { OptionError } from '../primitives/option-error.js';
import { compareSegments, decodeSegments, normalizePath, trimSlashes } from './path-segments.js';
