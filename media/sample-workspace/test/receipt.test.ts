import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MEMBER_DISCOUNT, names } from '../src/basket.ts';
import { format, toCents } from '../src/money.ts';
import { amountDue, heading } from '../src/receipt.ts';

const bread = { name: 'bread', price: 3.5, quantity: 1 };
const honey = { name: 'honey', price: 19.99, quantity: 2 };

test('cents are written with two digits', () => {
  assert.equal(format(toCents(5)), '5.00');
  assert.equal(format(7), '0.07');
  assert.equal(format(-150), '-1.50');
});

test('the heading names each thing once', () => {
  assert.deepEqual(names([bread, honey, bread]), ['bread', 'honey']);
  assert.equal(heading([bread, honey, bread]), '2 things: bread, honey');
});

test('members get their discount', () => {
  assert.equal(MEMBER_DISCOUNT, 5);
});

test('a receipt without discount adds up', () => {
  assert.equal(amountDue([bread, honey], 0), 'TOTAL 43.48');
});
