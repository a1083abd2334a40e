/** Pieces of one text, in order, each with its classes. */
export function Segments({ parts }: { parts: readonly { text: string; className: string }[] }) {
  return parts.map(({ text, className }, index) =>
    className ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: a piece is nothing but its place in the text
      <span key={index} className={className}>
        {text}
      </span>
    ) : (
      text
    ),
  );
}
