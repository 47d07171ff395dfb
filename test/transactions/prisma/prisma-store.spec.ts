import { transactionStoreContract } from '../../contract/transaction-store.contract.js';
import { PrismaDatabase } from './prisma-database.js';

transactionStoreContract({ name: 'Prisma on SQLite', create: () => PrismaDatabase.open() });
