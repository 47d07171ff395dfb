/**
 * The layer rule: a file imports its own room and rooms of a lower number, types included; never sideways, up, or
 * through a barrel. `npm run check` and test/arch/layers.spec.ts read it; ARCHITECTURE.md tells what each room is for.
 *
 * A new room gets its number here, and its name in `isomorphicRooms` when it must run in a browser.
 */
const levels = {
  primitives: 0,
  protocol: 1,
  codecs: 2,
  exchange: 2,
  transport: 2,
  routing: 2,
  store: 2,
  client: 3,
  connection: 3,
  pipeline: 4,
  replay: 4,
  rooms: 4,
  delivery: 5,
  server: 6,
  nest: 8,
};
/** Their packages run in browsers too: each is the one package that the driver of its name may import. */
const codecPackages = ['msgpackr', 'cbor-x'];
const isomorphicRooms = ['primitives', 'protocol', 'codecs', 'exchange', 'routing', 'client'];

const roomsBelow = (room) => Object.keys(levels).filter((other) => levels[other] < levels[room]);
const anyOf = (names) => `(${names.join('|')})`;

/** One rule a room, so that the report names the room whose wall was broken. */
const walls = Object.keys(levels).map((room) => ({
  name: `room-${room}`,
  comment: `lib/${room} (level ${levels[room]}) may import only itself and lower levels`,
  severity: 'error',
  from: { path: `^lib/${room}/` },
  to: { path: '^lib/', pathNot: `^lib/${anyOf([room, ...roomsBelow(room)])}/` },
}));

module.exports = {
  forbidden: [
    ...walls,
    {
      name: 'no-unnumbered-room',
      comment: 'every folder of lib has a level in .dependency-cruiser.cjs',
      severity: 'error',
      from: {},
      to: { path: '^lib/[^/]+/', pathNot: `^lib/${anyOf(Object.keys(levels))}/` },
    },
    {
      name: 'no-barrel',
      comment: 'the public doors are for users; inside, import the file that has what you need',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/index\\.ts$' },
      to: { path: '^lib/index\\.ts$|^lib/[^/]+/index\\.ts$' },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      from: { path: '^lib/' },
      to: { circular: true },
    },
    {
      name: 'isomorphic',
      comment: 'rooms that a browser loads know neither Node nor any package',
      severity: 'error',
      // What the client needs of Node, and of a view library, has a folder of its own.
      from: { path: `^lib/${anyOf(isomorphicRooms)}/`, pathNot: '^lib/client/(node|react|vue|rxjs)/' },
      to: {
        dependencyTypesNot: ['local', 'undetermined', 'type-only'],
        pathNot: `^lib/|node_modules/${anyOf(codecPackages)}/`,
      },
    },
    {
      name: 'client-is-another-program',
      comment: 'the server never loads the client, and the client only what runs in a browser',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/(client|replay)/' },
      to: { path: '^lib/client/' },
    },
    {
      name: 'replay-is-another-program',
      comment: 'nobody loads the replay, and the replay only what clients are made of',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/replay/' },
      to: { path: '^lib/replay/' },
    },
    {
      name: 'replay-sees-clients-rooms',
      severity: 'error',
      from: { path: '^lib/replay/' },
      to: { path: '^lib/', pathNot: `^lib/${anyOf([...isomorphicRooms, 'replay'])}/` },
    },
    {
      name: 'client-sees-isomorphic-rooms',
      severity: 'error',
      from: { path: '^lib/client/' },
      to: { path: '^lib/', pathNot: `^lib/${anyOf(isomorphicRooms)}/` },
    },
    {
      name: 'codec-packages-only-in-codecs',
      comment: 'a codec package is an optional peer, loaded by the package export that is named after it',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/codecs/' },
      to: { path: `(^|node_modules/)${anyOf(codecPackages)}(/|$)` },
    },
    {
      name: 'codecs-are-not-loaded-by-the-rest',
      comment: 'the root must import with every optional peer absent: applications hand codecs in',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/codecs/' },
      to: { path: '^lib/codecs/' },
    },
    {
      name: 'ws-only-in-transport',
      comment: 'another transport must be able to take the place of ws',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/(transport/ws|client/node)/' },
      to: { path: '^node_modules/(@types/)?ws/' },
    },
    {
      name: 'nest-only-in-nest',
      comment: 'the engine below lib/nest knows no framework',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/(nest/|index\\.ts$)' },
      to: { path: '^(node_modules/)?(@nestjs/|reflect-metadata)' },
    },
    {
      name: 'no-optional-peer-at-the-root',
      comment: 'the root must import with every optional peer absent; load such a peer where it is used',
      severity: 'error',
      from: { path: '^lib/' },
      to: {
        path: '^(node_modules/)?(class-validator|class-transformer|jose)',
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: { path: '^lib/' },
      to: { couldNotResolve: true, pathNot: '^lib/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.cts', '.js'],
      conditionNames: ['import', 'types', 'default'],
    },
  },
};
