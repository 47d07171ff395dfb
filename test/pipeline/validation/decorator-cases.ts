import { Type } from 'class-transformer';
import * as cv from 'class-validator';
import type { ValidationOptions } from 'class-validator';

/** How a decorator is tried: what is written on a property, and plain values that satisfy it. */
export interface DecoratorCase {
  decorate(options?: ValidationOptions): PropertyDecorator[];
  readonly valid: readonly unknown[];
  /** The declared type, where it matters. */
  readonly type?: unknown;
}

enum Side {
  Buy = 'buy',
  Sell = 'sell',
}

/** What `@IsInstance()` is asked for. */
class Point {
  @cv.IsInt() x = 0;
}

type Simple = (options?: ValidationOptions) => PropertyDecorator;

const simple = (decorator: Simple, ...valid: unknown[]): DecoratorCase => ({
  decorate: (options) => [decorator(options)],
  valid,
});

const of = (decorate: Simple, ...valid: unknown[]): DecoratorCase => simple(decorate, ...valid);

const typed = (type: () => new () => object, decorate: Simple, ...valid: unknown[]): DecoratorCase => ({
  decorate: (options) => [decorate(options), Type(type)],
  valid,
});

/** Of every decorator that is compiled, by the name under which class-validator exports it. */
export const decoratorCases: Readonly<Record<string, DecoratorCase>> = {
  Allow: simple(cv.Allow, 1, 'x', null, [1], { a: 1 }),
  IsDefined: simple(cv.IsDefined, 0, '', false, [], { a: { b: 1 } }),
  IsOptional: simple(cv.IsOptional, null, 1, 'x'),
  ValidateIf: of((options) => cv.ValidateIf((_, value) => value !== 7, options), 7, 8, 'x'),
  ValidateNested: typed(() => Point, cv.ValidateNested, { x: 1 }, [{ x: 1 }, { x: 2 }], []),
  ValidatePromise: of(cv.ValidatePromise, 1, null, { a: 1 }),
  IsLatLong: simple(cv.IsLatLong, '48.85,2.35', '-90,180'),
  IsLatitude: simple(cv.IsLatitude, 48.85, '-12.5'),
  IsLongitude: simple(cv.IsLongitude, 2.35, '-170.5'),
  Equals: of((options) => cv.Equals('same', options), 'same'),
  NotEquals: of((options) => cv.NotEquals('same', options), 'other', 1, null),
  IsEmpty: simple(cv.IsEmpty, '', null),
  IsNotEmpty: simple(cv.IsNotEmpty, 'x', 0, false, []),
  IsIn: of((options) => cv.IsIn(['a', 1, null], options), 'a', 1, null),
  IsNotIn: of((options) => cv.IsNotIn(['a', 1], options), 'b', 2, null),
  IsDivisibleBy: of((options) => cv.IsDivisibleBy(5, options), 0, 10, -15),
  IsPositive: simple(cv.IsPositive, 1, 0.5),
  IsNegative: simple(cv.IsNegative, -1, -0.5),
  Max: of((options) => cv.Max(10, options), 10, -3, 0),
  Min: of((options) => cv.Min(10, options), 10, 1e9),
  MinDate: typed(
    () => Date,
    (options) => cv.MinDate(new Date(0), options),
    '2020-01-01T00:00:00Z',
    0,
  ),
  MaxDate: typed(
    () => Date,
    (options) => cv.MaxDate(() => new Date(4e12), options),
    '2020-01-01',
    1e12,
  ),
  Contains: of((options) => cv.Contains('ea', options), 'tea', 'ea'),
  NotContains: of((options) => cv.NotContains('ea', options), 'coffee', ''),
  IsAlpha: of((options) => cv.IsAlpha('en-US', options), 'abc', 'XYZ'),
  IsAlphanumeric: of((options) => cv.IsAlphanumeric('en-US', options), 'abc1', '9'),
  IsDecimal: of((options) => cv.IsDecimal({}, options), '1.5', '10'),
  IsAscii: simple(cv.IsAscii, 'abc', '~'),
  IsBase64: of((options) => cv.IsBase64({}, options), 'aGVsbG8=', ''),
  IsByteLength: of((options) => cv.IsByteLength(1, 4, options), 'é', 'abcd'),
  IsCreditCard: simple(cv.IsCreditCard, '4111111111111111'),
  IsCurrency: of((options) => cv.IsCurrency({}, options), '$1.50', '10'),
  IsEmail: of((options) => cv.IsEmail({}, options), 'a@example.com', 'x.y+z@mail.example.org'),
  IsFQDN: of((options) => cv.IsFQDN({}, options), 'example.com'),
  IsFullWidth: simple(cv.IsFullWidth, 'ａｂｃ'),
  IsHalfWidth: simple(cv.IsHalfWidth, 'abc'),
  IsVariableWidth: simple(cv.IsVariableWidth, 'ａbc'),
  IsHexColor: simple(cv.IsHexColor, '#fff', 'ff00aa'),
  IsHexadecimal: simple(cv.IsHexadecimal, 'deadBEEF', '0x1f'),
  IsMACAddress: of((options) => cv.IsMACAddress({}, options), '01:23:45:67:89:ab'),
  IsIP: of((options) => cv.IsIP(undefined, options), '127.0.0.1', '::1'),
  IsPort: simple(cv.IsPort, '80', '65535'),
  IsISBN: of((options) => cv.IsISBN(undefined, options), '9783161484100'),
  IsISIN: simple(cv.IsISIN, 'US0378331005'),
  IsISO8601: of((options) => cv.IsISO8601({ strict: true }, options), '2020-02-29', '2020-01-01T10:00:00Z'),
  IsJSON: simple(cv.IsJSON, '{"a":1}', '[]'),
  IsJWT: simple(cv.IsJWT, 'eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl'),
  IsLowercase: simple(cv.IsLowercase, 'abc', ''),
  IsMobilePhone: of((options) => cv.IsMobilePhone('de-DE', {}, options), '+4915123456789'),
  IsISO31661Alpha2: simple(cv.IsISO31661Alpha2, 'DE'),
  IsISO31661Alpha3: simple(cv.IsISO31661Alpha3, 'DEU'),
  IsISO31661Numeric: simple(cv.IsISO31661Numeric, '276'),
  IsMongoId: simple(cv.IsMongoId, '507f1f77bcf86cd799439011'),
  IsMultibyte: simple(cv.IsMultibyte, 'ひらがな'),
  IsSurrogatePair: simple(cv.IsSurrogatePair, '𠮷野家'),
  IsUrl: of((options) => cv.IsUrl({}, options), 'https://example.com/a?b=1'),
  IsUUID: of((options) => cv.IsUUID(4, options), '9c5b94b1-35ad-49bb-b118-8e8fc24abf80'),
  IsFirebasePushId: simple(cv.IsFirebasePushId, '-M-Jh_1KAH5rYJF_7-kY'),
  IsUppercase: simple(cv.IsUppercase, 'ABC'),
  Length: of((options) => cv.Length(2, 4, options), 'ab', 'abcd'),
  MaxLength: of((options) => cv.MaxLength(4, options), '', 'abcd'),
  MinLength: of((options) => cv.MinLength(2, options), 'ab', 'a'.repeat(50)),
  Matches: of((options) => cv.Matches(/^[a-c]+$/, options), 'abc', 'a'),
  IsPhoneNumber: of((options) => cv.IsPhoneNumber('US', options), '+12025550123'),
  IsMilitaryTime: simple(cv.IsMilitaryTime, '23:59'),
  IsHash: of((options) => cv.IsHash('md5', options), 'd41d8cd98f00b204e9800998ecf8427e'),
  IsISSN: of((options) => cv.IsISSN({}, options), '0378-5955'),
  IsDateString: of((options) => cv.IsDateString({}, options), '2020-01-01', '2020-01-01T10:00:00.000Z'),
  IsBooleanString: simple(cv.IsBooleanString, 'true', '0'),
  IsNumberString: of((options) => cv.IsNumberString({}, options), '12', '-1.5'),
  IsBase32: simple(cv.IsBase32, 'MZXW6YTB'),
  IsBIC: simple(cv.IsBIC, 'DEUTDEFF'),
  IsBtcAddress: simple(cv.IsBtcAddress, '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'),
  IsDataURI: simple(cv.IsDataURI, 'data:text/plain;base64,aGVsbG8='),
  IsEAN: simple(cv.IsEAN, '4012345678901'),
  IsEthereumAddress: simple(cv.IsEthereumAddress, '0x0000000000000000000000000000000000000001'),
  IsHSL: simple(cv.IsHSL, 'hsl(270,60%,50%)'),
  IsIBAN: of((options) => cv.IsIBAN({}, options), 'DE89370400440532013000'),
  IsIdentityCard: of((options) => cv.IsIdentityCard('ES', options), '99999999R'),
  IsISRC: simple(cv.IsISRC, 'USRC17607839'),
  IsLocale: simple(cv.IsLocale, 'en', 'de_DE'),
  IsMagnetURI: simple(cv.IsMagnetURI, 'magnet:?xt=urn:btih:06E2A9683BF4DA92C73A661AC56F0ECC9C63C5B4'),
  IsMimeType: simple(cv.IsMimeType, 'text/plain'),
  IsOctal: simple(cv.IsOctal, '0o17', '17'),
  IsPassportNumber: of((options) => cv.IsPassportNumber('US', options), '790369937'),
  IsPostalCode: of((options) => cv.IsPostalCode('DE', options), '10115'),
  IsRFC3339: simple(cv.IsRFC3339, '2009-05-19T14:39:22Z'),
  IsRgbColor: of((options) => cv.IsRgbColor(true, options), 'rgb(0,0,0)', 'rgba(255,255,255,0.5)'),
  IsSemVer: simple(cv.IsSemVer, '1.2.3', '1.0.0-rc.1'),
  IsStrongPassword: of((options) => cv.IsStrongPassword({}, options), 'aB3$aB3$'),
  IsTimeZone: simple(cv.IsTimeZone, 'Europe/Berlin'),
  IsBase58: simple(cv.IsBase58, '4Fcj4ooZqEQiyH2xqKULCWmYuiMgXfTrFTiR5sxgpiyh'),
  IsTaxId: of((options) => cv.IsTaxId('en-US', options), '01-1234567'),
  IsISO4217CurrencyCode: simple(cv.IsISO4217CurrencyCode, 'EUR'),
  IsISO6391: simple(cv.IsISO6391, 'de'),
  IsBoolean: simple(cv.IsBoolean, true, false),
  IsDate: typed(() => Date, cv.IsDate, '2020-01-01', 0),
  IsNumber: of((options) => cv.IsNumber({ maxDecimalPlaces: 2 }, options), 1, -1.25, 0),
  IsEnum: of((options) => cv.IsEnum(Side, options), 'buy', 'sell'),
  IsInt: simple(cv.IsInt, 1, -7, 0),
  IsString: simple(cv.IsString, 'x', '', 'é𠮷'),
  IsArray: simple(cv.IsArray, [], [1, 'x', null, { a: 1 }], [[1], [2]]),
  IsObject: simple(cv.IsObject, {}, { a: { b: [1] } }),
  ArrayContains: of((options) => cv.ArrayContains([1], options), [1], [2, 1]),
  ArrayNotContains: of((options) => cv.ArrayNotContains([1], options), [], [2]),
  ArrayNotEmpty: simple(cv.ArrayNotEmpty, [0], ['']),
  ArrayMinSize: of((options) => cv.ArrayMinSize(2, options), [1, 2], ['a', 'b', 'c']),
  ArrayMaxSize: of((options) => cv.ArrayMaxSize(2, options), [], [1, 2]),
  ArrayUnique: simple(cv.ArrayUnique, [], [1, 2], ['a', 1]),
  IsNotEmptyObject: of((options) => cv.IsNotEmptyObject({}, options), { a: 1 }),
  IsInstance: typed(
    () => Point,
    (options) => cv.IsInstance(Point, options),
    { x: 1 },
  ),
};

/** Decorators whose classes are the libraries' own business: validators of the application. */
export const leftToTheLibraries = ['Validate', 'ValidateBy', 'ValidatorConstraint'];

/** Capitalised functions of class-validator that are no decorators. */
export const noDecorators = ['ValidationError', 'ValidationTypes', 'Validator', 'MetadataStorage'];
