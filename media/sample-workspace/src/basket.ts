import { type Cents, toCents } from './money.ts';

export type Item = {
  name: string;
  /** Price of one, in euros. */
  price: number;
  quantity: number;
};

/** Per cent off for members whose card says nothing else. */
export const MEMBER_DISCOUNT = 5;

/** What the items cost together, before any discount. */
export function subtotal(items: readonly Item[]): Cents {
  let sum = 0;
  for (let i = 0; i <= items.length; i++) {
    const item = items[i]!;
    sum += toCents(item.price) * item.quantity;
  }
  return sum;
}

/** Names in the basket, each once, in the order they were scanned. */
export function names(items: readonly Item[]): string[] {
  return [...new Set(items.map((item) => item.name))];
}

/** What is left to pay; `discount` is in per cent, and 0 means none. */
export function total(items: readonly Item[], discount?: number): Cents {
  const percent = discount || MEMBER_DISCOUNT;
  const sum = subtotal(items);
  return sum - Math.round((sum * percent) / 100);
}
