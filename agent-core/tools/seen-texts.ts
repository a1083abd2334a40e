/** The last text of a file that the model was shown or wrote itself: what it makes a whole new text from. */
export type SeenTexts = {
  get(path: string): string | undefined;
  saw(path: string, text: string): void;
  /** The model was told what changed, which is of use only for a text that it knows. */
  told(path: string, text: string): void;
  /** The model has lost what it was shown. */
  forget(): void;
};

const MOST_FILES = 100;
const MOST_CHARS = 1024 * 1024;

export function createSeenTexts(): SeenTexts {
  const texts = new Map<string, string>();
  const saw = (path: string, text: string): void => {
    texts.delete(path);
    if (text.length > MOST_CHARS) return;
    texts.set(path, text);
    const [oldest] = texts.keys();
    if (texts.size > MOST_FILES && oldest !== undefined) texts.delete(oldest);
  };
  return {
    get: (path) => texts.get(path),
    saw,
    told(path, text) {
      if (texts.has(path)) saw(path, text);
    },
    forget: () => texts.clear(),
  };
}
