/** Glyphs of the codicon font that the panel uses. */
const GLYPHS = {
  add: '\uea60',
  archive: '\uea98',
  'arrow-down': '\uea9a',
  'arrow-up': '\ueaa1',
  check: '\ueab2',
  checklist: '\ueab3',
  'chevron-down': '\ueab4',
  'chevron-right': '\ueab6',
  'chevron-up': '\ueab7',
  circle: '\uebb5',
  'circle-slash': '\ueabd',
  close: '\uea76',
  comment: '\uea6b',
  copy: '\uebcc',
  discard: '\ueae2',
  diff: '\ueae1',
  edit: '\uea73',
  error: '\uea87',
  eye: '\uea70',
  file: '\uea7b',
  'file-add': '\uea7f',
  'file-code': '\ueae9',
  fold: '\ueaf5',
  gear: '\ueaf8',
  globe: '\ueb01',
  'go-to-file': '\uea94',
  history: '\uea82',
  image: '\ueaea',
  info: '\uea74',
  layers: '\uebd2',
  lightbulb: '\uea61',
  loading: '\ueb19',
  lock: '\uea75',
  note: '\ueb26',
  organization: '\uea7e',
  'pass-filled': '\uebb3',
  plug: '\ueb2d',
  question: '\ueb32',
  refresh: '\ueb37',
  rename: '\uec61',
  robot: '\uec20',
  search: '\uea6d',
  send: '\uec0f',
  shield: '\ueb53',
  sparkle: '\uec10',
  stop: '\uead7',
  target: '\uebf8',
  terminal: '\uea85',
  thinking: '\uec59',
  tools: '\ueb6d',
  trash: '\uea81',
  unarchive: '\uec76',
  unlock: '\ueb74',
  warning: '\uea6c',
  watch: '\ueb7c',
  zap: '\uea86',
} as const;

export type IconName = keyof typeof GLYPHS;

/** A picture beside a text or inside a named button; never read aloud. */
export function Icon({ name, className }: { name: IconName; className?: string }) {
  return (
    <span className={`icon${name === 'loading' ? ' spin' : ''}${className ? ` ${className}` : ''}`} aria-hidden="true">
      {GLYPHS[name]}
    </span>
  );
}
