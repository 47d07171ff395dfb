import { Module } from '@nestjs/common';
import { LoginController } from './login.controller.js';
import { SessionStore } from './session-store.js';
import { UserDirectory } from './user-directory.js';

@Module({
  controllers: [LoginController],
  providers: [SessionStore, UserDirectory],
  exports: [SessionStore],
})
export class AuthModule {}
