// The public door: explicit exports, no logic.

// For users
export { GatewireModule } from './nest/gatewire.module.js';
export { GatewireAdapter } from './nest/gatewire.adapter.js';
export type { GatewireOptions, MiddlewareReference } from './nest/gatewire.options.js';
export type { OnDeadLetter } from './nest/on-dead-letter.js';
export type { OnHandshake } from './nest/on-handshake.js';
export { Compress } from './nest/decorators/compress.decorator.js';
export { Authenticate } from './nest/decorators/authenticate.decorator.js';
export { AuthenticateMessages } from './nest/decorators/authenticate-messages.decorator.js';
export { Roles } from './nest/decorators/roles.decorator.js';
export { Scopes } from './nest/decorators/scopes.decorator.js';
export type { AccessDecorator } from './nest/decorators/access-decorator.js';
export type { StrategyReference } from './nest/authenticators.js';
export { Concurrency } from './nest/decorators/concurrency.decorator.js';
export { Deadline } from './nest/decorators/deadline.decorator.js';
export { AbortSignalParam, EventName, Meta, Principal } from './nest/decorators/message-params.decorator.js';
export {
  BinaryMessageFilter,
  MessageFilter,
  TextMessageFilter,
} from './nest/decorators/message-filter.decorator.js';
export { Deduplicate } from './nest/decorators/deduplicate.decorator.js';
export { MessageLog } from './nest/decorators/message-log.decorator.js';
export { OnSubscribe } from './nest/decorators/on-subscribe.decorator.js';
export { OrderBy } from './nest/decorators/order-by.decorator.js';
export type { OrderingKey } from './nest/decorators/order-by.decorator.js';
export { ProxyTo } from './nest/decorators/proxy-to.decorator.js';
export { RecordOutcome } from './nest/decorators/record-outcome.decorator.js';
export type { RecordMode } from './pipeline/message-handler.js';
export { Settlement } from './nest/decorators/settlement.decorator.js';
export { MessageSettlement } from './pipeline/settlement/message-settlement.js';
export type { TransactionOptions } from './nest/transaction.options.js';
export { TransactionalOutbox } from './delivery/transactional-outbox.js';
export type { OutboxEmitOptions, OutboxTarget } from './delivery/outbox-emit.js';
export { Recorder } from './nest/decorators/recorder.decorator.js';
export type { RecorderOptions, RecordingTarget } from './pipeline/stages/recorder/recorder.options.js';
export { RateLimit } from './nest/decorators/rate-limit.decorator.js';
export type { RateLimitDecorator, RateLimitOptions } from './nest/decorators/rate-limit.decorator.js';
export { Reliable } from './nest/decorators/reliable.decorator.js';
export type { ReliableHandlerOptions } from './pipeline/reliable-handling.js';
export { RoomAuthorizer } from './nest/decorators/room-authorizer.decorator.js';
export { EventVersions, MapMessages } from './nest/decorators/transform.decorator.js';
export { Signed, Signing } from './nest/decorators/signed.decorator.js';
export type { SignedOptions } from './pipeline/stages/signing/signed-stage.js';
export { ed25519Key, hmacKey, staticKeys } from './pipeline/stages/signing/signing-keys.js';
export type { SignatureKey, SigningKeys } from './pipeline/stages/signing/signing-keys.js';
export type { SignatureAlgorithm, SignatureRuleOptions } from './exchange/signing/signature-rules.js';
export type { SigningOptions } from './pipeline/stages/signing/signing-stage.js';
export { Encrypted, Encryption, RoomEncryption } from './nest/decorators/encrypted.decorator.js';
export { x25519Key } from './pipeline/stages/encryption/encryption-keys.js';
export type { X25519Key } from './pipeline/stages/encryption/encryption-keys.js';
export type { EncryptionOptions } from './pipeline/stages/encryption/encryption.options.js';
export type { RoomEncryptionOptions } from './pipeline/stages/encryption/room-encryption-stage.js';
export { RoomKeys } from './pipeline/stages/encryption/room-keys.js';
export type { RoomKeysOptions } from './pipeline/stages/encryption/room-keys.js';
export { SchemaBody } from './nest/decorators/schema-body.decorator.js';
export type { Violation } from './nest/violations.js';
export type { StandardSchema } from './nest/standard-schema.js';
export { Sequenced } from './nest/decorators/sequenced.decorator.js';
export type { SequencedOptions } from './pipeline/sequence-rule.js';
export { Serialize } from './nest/decorators/serialize.decorator.js';
export type { SerializeOptions } from './pipeline/stages/serialize/serialize.stage.js';
export { UseMiddleware } from './nest/decorators/use-middleware.decorator.js';
export type { Acknowledge } from './nest/param-extractor.js';
export type { DeadLetter, DeadLetterReason } from './pipeline/dead-letter.js';
export {
  exponential,
  type ExponentialOptions,
  fixed,
  immediate,
  type RetryAttempt,
  type RetryLimits,
  type RetryStrategy,
  stepwise,
} from './exchange/retry-strategy.js';
export { createAckHandler } from './server/ack-handler.js';
export type { AckHandler, AckHandlerOptions, Acknowledging } from './server/ack-handler.js';
export type { AckOutcome, AckResult } from './server/peer-acks.js';
export { GatewireServer } from './server/gatewire-server.js';
export type { EndpointComposition, HandlerComposition } from './server/composition.js';
export type { ServerGauges, ServerStats } from './server/server-stats.js';
export { BroadcastTarget } from './rooms/broadcast-target.js';
export type { RequestOutcome } from './rooms/broadcast-port.js';
export { Connection } from './connection/connection.js';
export type { ControlFrameKind } from './connection/connection-ports.js';
export type { ConnectionState } from './connection/connection-state.js';
export type { DisconnectReason } from './connection/disconnect-reason.js';
export type { EmitOptions, ReliableOptions, RequestOptions } from './connection/emit-options.js';
export type { AnyEvents, EventData, EventMap } from './connection/event-map.js';
export { Handshake } from './connection/handshake.js';
export type { HandshakeHeaders, PathParams } from './connection/handshake.js';
export type { HeartbeatOptions } from './connection/heartbeat.js';
export type { Principal as PrincipalClaims } from './connection/principal.js';
export { Session } from './connection/session.js';
export type { SlowConsumerPolicy } from './connection/slow-consumer.js';
export type {
  Authentication,
  AuthenticationStrategy,
  FirstMessage,
  Found,
  Verified,
} from './pipeline/stages/authentication/authentication.js';
export { AuthenticationError } from './pipeline/stages/authentication/authentication-error.js';
export type { ConnectCredentials, TokenSources } from './pipeline/stages/authentication/credentials.js';
export { apiKey } from './pipeline/stages/authentication/api-key.strategy.js';
export type { ApiKeyOptions } from './pipeline/stages/authentication/api-key.strategy.js';
export type { AuthenticateMessagesOptions } from './pipeline/stages/authentication/authenticate-messages.stage.js';
export { cookieSession } from './pipeline/stages/authentication/cookie-session.strategy.js';
export type {
  CookieSessionOptions,
  SessionStorePort,
  StoredSession,
} from './pipeline/stages/authentication/cookie-session.strategy.js';
export { introspection } from './pipeline/stages/authentication/introspection.strategy.js';
export type {
  Introspection,
  IntrospectionOptions,
} from './pipeline/stages/authentication/introspection.strategy.js';
export { mutualTls } from './pipeline/stages/authentication/mutual-tls.strategy.js';
export type { MutualTlsOptions } from './pipeline/stages/authentication/mutual-tls.strategy.js';
export { basic } from './pipeline/stages/authentication/basic.strategy.js';
export type { BasicOptions } from './pipeline/stages/authentication/basic.strategy.js';
export { jwt } from './pipeline/stages/authentication/jwt.strategy.js';
export type {
  JwksOptions,
  JwtAlgorithm,
  JwtClaims,
  JwtDecryption,
  JwtOptions,
} from './pipeline/stages/authentication/jwt.options.js';
export { constantTimeEqual } from './pipeline/constant-time-equal.js';
export { CloseCode } from './protocol/close-code.js';
export { json } from './protocol/codecs/json.js';
export { raw } from './protocol/codecs/raw.js';
export type { RawOptions } from './protocol/codecs/raw.js';
export { ErrorCode } from './protocol/error-code.js';
export { GatewireError, isGatewireError } from './protocol/gatewire-error.js';
export { OptionError } from './primitives/option-error.js';
export type { CompressionOptions } from './server/compression.js';
export type { LateMessagePolicy } from './server/message-deadlines.js';
export type { LimitOptions } from './server/limits.js';
export type { EngineOptions, ShutdownOptions } from './server/options.js';
export type { OriginOptions, OriginTest } from './server/origin-policy.js';
export type { OwnPortOptions, OwnPortsOption, OwnPortTls } from './server/own-port-options.js';
export { reloadTls } from './server/reload-tls.js';
export { TlsFileWatch, watchTlsFiles } from './server/tls-files.js';
export type { TlsFiles, TlsFileWatchOptions } from './server/tls-files.js';
export type { ProxyHeaders, ProxyOptions, ProxyTarget } from './server/reverse-proxy/proxy-options.js';
export type { UpstreamTls } from './transport/upstream.js';
export type { SessionOptions } from './server/session-options.js';
export type { HistoryOptions, RoomRetention } from './delivery/history-options.js';
export type { Published } from './delivery/published.js';
export { RoomHistory } from './delivery/room-history.js';
export type { HistoryMessage, HistoryPage, HistoryQuery } from './delivery/room-history.js';
export type { TimeoutOptions } from './server/timeouts.js';
export type { TrustProxyOption } from './server/trust-proxy.js';

// For authors of middleware and drivers
export { checkDecoded } from './protocol/check-envelopes.js';
export type { Codec } from './protocol/codec.js';
export type { DecodeLimits } from './protocol/limits.js';
export type { Envelope } from './protocol/envelope.js';
export type { Next } from './exchange/compose.js';
export type { GatewayMiddleware, MiddlewareFactory, StageHost } from './pipeline/middleware.js';
export { InboundFrame } from './pipeline/inbound-frame.js';
export { InboundMessage } from './pipeline/inbound-message.js';
export type { MessageOutcome } from './pipeline/inbound-message.js';
export type {
  BinaryFilterOptions,
  FilterRuleOptions,
  TextFilterOptions,
} from './pipeline/stages/filter/create-message-filter.js';
export type { FilterOutcome } from './exchange/filter/filter-outcome.js';
export type { FilterPredicate } from './pipeline/stages/filter/filter-rule.js';
export type { EventVersionOptions, VersionCaster } from './pipeline/stages/transform/event-history.js';
export type { EventVersionsScope } from './pipeline/stages/transform/event-versions.stage.js';
export type { CompressOptions } from './pipeline/stages/compression/compress.options.js';
export type { MapMessagesOptions } from './pipeline/stages/transform/map-messages.stage.js';
export type { MapperTable, MessageMapper } from './pipeline/stages/transform/message-mapper.js';
export type { AuditRecord, AuditSink } from './pipeline/stages/logging/log-sink.js';
export type {
  ConnectRecord,
  DisconnectRecord,
  LogRecord,
  MessageRecord,
} from './pipeline/stages/logging/message-log-record.js';
export type { MessageLogOptions } from './pipeline/stages/logging/message-log.options.js';
export type { AnyMessage, MessageDirection } from './pipeline/stages/message-subject.js';
export type { FilterScopeOptions } from './pipeline/stages/filter/message-filter.stage.js';
export type { LinearEngine } from './exchange/filter/pattern-matcher.js';
export type { ConnectionTap } from './pipeline/connection-tap.js';
export type { OutboundFrame } from './pipeline/outbound-frame.js';
export type { EncryptionInfo, Protection, SignatureInfo } from './pipeline/protection.js';
export { withOptions } from './nest/configured-middleware.js';
export type { ConfigurableMiddleware, ConfiguredMiddleware } from './nest/configured-middleware.js';
export { stageDecorator } from './nest/decorators/use-middleware.decorator.js';
export type { StageDecorator } from './nest/decorators/use-middleware.decorator.js';
export type { OutboundMessage, OutboundTarget } from './pipeline/outbound-message.js';
export type {
  DeduplicateBloomOptions,
  DeduplicateOptions,
  OnDuplicate,
} from './pipeline/stages/deduplicate/deduplicate.options.js';
export type { CloseAfterOptions, OnLimit } from './pipeline/stages/rate-limit/rate-limit.options.js';
export type { RateLimitKey, RateLimitSubject } from './pipeline/stages/rate-limit/rate-limit-key.js';
export type { CounterRule, CounterStore, CounterVerdict, CountingAlgorithm } from './store/counter-store.js';
export type { DedupRecord, DedupStore } from './store/dedup-store.js';
export type { EmitClaim, StoredEmit, StoredOutcome, TransactionStore } from './store/transaction-store.js';
export type {
  SentMessages,
  SessionChange,
  SessionRecord,
  SessionStore,
  SettledMessage,
} from './store/session-store.js';
export { MemoryCounterStore } from './store/memory/memory-counter-store.js';
export type { MemoryCounterStoreOptions } from './store/memory/memory-counter-store.js';
export type { Transport, UpgradeRequest } from './transport/transport.js';
export type { SocketListener, TransportSocket } from './transport/transport-socket.js';
