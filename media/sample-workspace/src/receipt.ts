import { type Item, names, total } from './basket.ts';
import { format } from './money.ts';

/** One line for the top of the receipt: `2 things: bread, milk`. */
export function heading(items: readonly Item[]): string {
  const list = names(items);
  return `${list.length} ${list.length === 1 ? 'thing' : 'things'}: ${list.join(', ')}`;
}

/** The last line of the receipt. */
export function amountDue(items: readonly Item[], discount?: number): string {
  return `TOTAL ${format(total(items, discount))}`;
}
