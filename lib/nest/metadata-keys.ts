/** Where our decorators leave what they say. `Symbol.for`: the ESM and the CommonJS build may meet in one process. */
export const metadataKeys = {
  middleware: Symbol.for('gatewire:middleware'),
  authenticate: Symbol.for('gatewire:authenticate'),
  concurrency: Symbol.for('gatewire:concurrency'),
  recordOutcome: Symbol.for('gatewire:record-outcome'),
  orderBy: Symbol.for('gatewire:order-by'),
  reliable: Symbol.for('gatewire:reliable'),
  sequenced: Symbol.for('gatewire:sequenced'),
  roomAuthorizer: Symbol.for('gatewire:room-authorizer'),
  onSubscribe: Symbol.for('gatewire:on-subscribe'),
  proxyTo: Symbol.for('gatewire:proxy-to'),
} as const;

/** Where Nest's decorators leave what they say; the same names in 11 and 12. */
export const nestMetadataKeys = {
  isGateway: 'websockets:is_gateway',
  gatewayOptions: 'websockets:gateway_options',
  port: 'port',
  isServerProperty: 'websockets:is_socket',
  isMessageHandler: 'websockets:message_mapping',
  messagePattern: 'message',
  parameters: '__routeArguments__',
  guards: '__guards__',
  filters: '__exceptionFilters__',
} as const;
