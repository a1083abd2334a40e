/** A page for tests of the panel. Import before anything that looks for a DOM when it is loaded. */
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('<!doctype html><html lang="en"><body></body></html>', {
  url: 'https://panel.test/',
  pretendToBeVisual: true,
});

const NAMES = [
  'document',
  'navigator',
  'Node',
  'Element',
  'HTMLElement',
  'HTMLInputElement',
  'HTMLTextAreaElement',
  'HTMLTemplateElement',
  'DocumentFragment',
  'NodeFilter',
  'NamedNodeMap',
  'DOMParser',
  'MutationObserver',
  'Event',
  'KeyboardEvent',
  'getComputedStyle',
  'requestAnimationFrame',
  'cancelAnimationFrame',
] as const;

for (const name of NAMES) {
  const value: unknown = window[name];
  const bound = typeof value === 'function' && !/^[A-Z]/.test(name) ? value.bind(window) : value;
  Object.defineProperty(globalThis, name, { value: bound, configurable: true, writable: true });
}
Object.assign(globalThis, { window });

// A failed assertion prints what it compared; an element would bring along the whole page and React, gigabytes of it.
Object.defineProperty(window.Node.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value: function (this: Node) {
    return `<${this.nodeName.toLowerCase()}>`;
  },
});

const ROW_HEIGHT = 50;
const FEED_HEIGHT = 600;
const isFeed = (element: Element) => element.getAttribute('role') === 'feed';
const heightOf = (element: Element) => (isFeed(element) ? FEED_HEIGHT : ROW_HEIGHT);

/** jsdom has no layout; the virtual list needs a feed of 600 pixels with rows of 50. */
Object.defineProperties(window.HTMLElement.prototype, {
  offsetHeight: {
    configurable: true,
    get: function (this: HTMLElement) {
      return heightOf(this);
    },
  },
  offsetWidth: { configurable: true, get: () => 300 },
  clientHeight: {
    configurable: true,
    get: function (this: HTMLElement) {
      return heightOf(this);
    },
  },
  scrollHeight: {
    configurable: true,
    get: function (this: HTMLElement) {
      return isFeed(this) ? Number.parseFloat((this.firstElementChild as HTMLElement).style.height) : ROW_HEIGHT;
    },
  },
  scrollTo: {
    configurable: true,
    value: function (this: HTMLElement, to: { top?: number }) {
      this.scrollTop = to.top ?? 0;
      this.dispatchEvent(new window.Event('scroll'));
    },
  },
});
