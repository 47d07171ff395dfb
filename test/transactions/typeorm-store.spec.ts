import { TypeOrmTransactionStore } from '../../lib/store/transaction/typeorm.js';
import { transactionStoreContract } from '../contract/transaction-store.contract.js';
import { TypeOrmDatabase } from './typeorm-database.js';

transactionStoreContract({ name: 'TypeORM on SQLite', create: () => TypeOrmDatabase.open() });

const dataSource = { query: () => Promise.resolve() };

it('asks for turns where a DataSource is one connection', () => {
  expect(() => new TypeOrmTransactionStore(dataSource, { dialect: 'sqlite' })).toThrow('turns');
  expect(() => new TypeOrmTransactionStore(dataSource, { dialect: 'postgres' })).not.toThrow();
});

it('refuses dialects it does not speak, and names that are no tables', () => {
  expect(() => new TypeOrmTransactionStore(dataSource, { dialect: 'mysql' as 'postgres' })).toThrow(
    'dialect',
  );
  for (const outbox of ['a; DROP TABLE b', '', '1a', 'a"b'])
    expect(() => new TypeOrmTransactionStore(dataSource, { dialect: 'postgres', outbox })).toThrow('outbox');
});

it('numbers its parameters for PostgreSQL, and takes tables by the names they are given', async () => {
  const asked: unknown[] = [];
  const query = (...statement: unknown[]): Promise<unknown[]> => {
    asked.push(statement);
    return Promise.resolve([{ id: 'a' }, { id: 'b' }]);
  };
  const store = new TypeOrmTransactionStore({ query }, { dialect: 'postgres', outbox: 'app.outbox' });
  await store.claimEmits({ owner: 'me', now: 7, leaseUntil: 9, limit: 5 });
  expect(asked[1]).toEqual([
    'UPDATE app.outbox SET lease_owner = $1, lease_until = $2 WHERE id IN ($3, $4) AND (lease_owner = $5 OR lease_until <= $6)',
    ['me', 9, 'a', 'b', 'me', 7],
  ]);
});
