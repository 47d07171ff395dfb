import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { PlacedOrder } from './orders-events.js';

/** An order in the database. */
@Entity('orders')
export class OrderRow implements PlacedOrder {
  @PrimaryGeneratedColumn()
  readonly number!: number;

  @Column('text')
  readonly key!: string;

  /** Whose order it is. */
  @Column('text')
  readonly buyer!: string;

  @Column('text')
  readonly drink!: string;

  @Column('integer')
  readonly cups!: number;

  @Column('integer')
  readonly at!: number;
}
