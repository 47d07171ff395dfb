import { validateRoomName } from '../../lib/routing/room-name.js';

describe('validateRoomName', () => {
  it.each([
    ['a'],
    ['room:1'],
    ['größe 😀'],
    ['a'.repeat(255)],
    ['stock.*'],
    ['stock.**'],
    ['*'],
    ['__proto__'],
    ['\u00a0'],
  ])('takes %p', (name) => {
    expect(() => validateRoomName(name)).not.toThrow();
  });

  it.each([
    [''],
    ['a'.repeat(256)],
    ['a\nb'],
    ['\u0000'],
    ['\u001f'],
    ['\u007f'],
    ['\u009f'],
    ['room:*'],
    ['a.**.b'],
    ['***'],
  ])('refuses %p', (name) => {
    expect(() => validateRoomName(name)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });

  it('refuses what is no string', () => {
    expect(() => validateRoomName(5 as unknown as string)).toThrow('string');
  });
});
