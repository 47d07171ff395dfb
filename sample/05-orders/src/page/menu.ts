import type { Order } from '../orders/orders-events.js';

const drinks = ['Espresso', 'Flat white', 'Cappuccino', 'Filter coffee', 'Cortado', 'Tea', 'Hot chocolate'];

/** What the next guest wants. */
export function someOrder(): Order {
  const drink = drinks[Math.floor(Math.random() * drinks.length)] as string;
  return { drink, cups: 1 + Math.floor(Math.random() * 3) };
}
