import { EncryptedStage } from '../../pipeline/stages/encryption/encrypted-stage.js';
import type { EncryptionOptions } from '../../pipeline/stages/encryption/encryption.options.js';
import { EncryptionStage } from '../../pipeline/stages/encryption/encryption-stage.js';
import {
  RoomEncryptionStage,
  type RoomEncryptionOptions,
} from '../../pipeline/stages/encryption/room-encryption-stage.js';
import { stageDecorator } from './use-middleware.decorator.js';

/**
 * Decrypts frames, and encrypts what goes to connections that have agreed on session keys: for the module's option
 * `middleware`, or a gateway, whose whole endpoint it then serves. Before `RoomEncryption` and `Signing`. It costs an
 * encoding for each receiver of a broadcast.
 *
 * @example
 * GatewireModule.forRoot({ middleware: [Encryption.of({ keys: [x25519Key('2026-11', pem)] })] })
 */
export const Encryption = stageDecorator(
  'Encryption',
  (host, options: EncryptionOptions) => new EncryptionStage(options, host),
);

/**
 * Encrypts broadcasts to rooms once for all receivers, with keys that the application grants: behind `Encryption` in
 * the list of middleware.
 *
 * @example
 * middleware: [Encryption.of({ keys }), RoomEncryption.of({ keys: roomKeys, rooms: 'orders.*' })]
 */
export const RoomEncryption = stageDecorator(
  'RoomEncryption',
  (host, options: RoomEncryptionOptions) => new RoomEncryptionStage(options, host),
);

/**
 * Lets only encrypted messages into a handler, or into all of a gateway: others get `PROTECTION_REQUIRED`, before guards.
 *
 * @example
 * \@Encrypted()
 * \@SubscribeMessage('card.add')
 * add(@MessageBody() card: CardDto) {}
 */
export const Encrypted = stageDecorator('Encrypted', (host) => new EncryptedStage(host));
