import { DispatcherMode, type ModeName } from './dispatcher-mode';

type Transition = keyof typeof TRANSITIONS;

/** Each transition, and the modes that it may start from with the mode that it leads to. */
const TRANSITIONS = {
  startRead: { behind: 'reading', reading: 'reading', 'up to date': 'reading' },
  completeRead: { reading: 'up to date' },
  leaveRead: { reading: 'behind' },
  fallBehind: { 'up to date': 'behind' },
  loseHints: { behind: 'behind', reading: 'reading', 'up to date': 'behind' },
  stop: { behind: 'stopped', reading: 'stopped', 'up to date': 'stopped', stopped: 'stopped' },
} satisfies Record<string, Partial<Record<ModeName, ModeName>>>;

const MODES: readonly ModeName[] = ['behind', 'reading', 'up to date', 'stopped'];

function modeAt(name: ModeName): DispatcherMode {
  const mode = new DispatcherMode();
  if (name === 'reading' || name === 'up to date') mode.startRead();
  if (name === 'up to date') mode.completeRead();
  if (name === 'stopped') mode.stop();
  expect(mode.name).toBe(name);
  return mode;
}

const CASES = (Object.keys(TRANSITIONS) as Transition[]).flatMap((transition) =>
  MODES.map((from) => {
    const to: Partial<Record<ModeName, ModeName>> = TRANSITIONS[transition];
    return { transition, from, to: to[from] };
  }),
);

describe('DispatcherMode', () => {
  it('starts behind', () => {
    expect(new DispatcherMode().name).toBe('behind');
  });

  it.each(CASES.filter(({ to }) => to !== undefined))(
    '$transition leads from $from to $to',
    ({ transition, from, to }) => {
      const mode = modeAt(from);
      mode[transition]();
      expect(mode.name).toBe(to);
    },
  );

  it.each(CASES.filter(({ to }) => to === undefined))(
    '$transition is refused when $from, and changes nothing',
    ({ transition, from }) => {
      const mode = modeAt(from);
      expect(() => {
        mode[transition]();
      }).toThrow(expect.objectContaining({ code: 'ERR_ASSERTION' }) as Error);
      expect(mode.name).toBe(from);
    },
  );

  it.each(MODES.filter((name) => name !== 'reading'))('keeps no ids when %s', (name) => {
    expect(() => {
      modeAt(name).keep(1, 10);
    }).toThrow('expected to be under way');
    expect(() => modeAt(name).takeKept()).toThrow('expected to be under way');
  });

  it('gives the ids kept during a read once, in their order', () => {
    const mode = modeAt('reading');
    for (const id of [3, 1, 2]) mode.keep(id, 10);
    expect(mode.takeKept()).toEqual([3, 1, 2]);
    expect(mode.takeKept()).toEqual([]);
  });

  it('does not complete a read while ids are kept', () => {
    const mode = modeAt('reading');
    mode.keep(1, 10);
    expect(() => {
      mode.completeRead();
    }).toThrow('must be pushed');
    mode.takeKept();
    mode.completeRead();
    expect(mode.name).toBe('up to date');
  });

  it('ends a read behind when more ids were announced than may be kept', () => {
    const mode = modeAt('reading');
    for (const id of [1, 2, 3]) mode.keep(id, 2);
    expect(mode.takeKept()).toEqual([1, 2]);
    mode.completeRead();
    expect(mode.name).toBe('behind');
  });

  it('ends a read behind when the queue lost ids during it', () => {
    const mode = modeAt('reading');
    mode.loseHints();
    mode.completeRead();
    expect(mode.name).toBe('behind');
  });

  it('starts each read with nothing kept and nothing lost', () => {
    const mode = modeAt('reading');
    mode.keep(1, 10);
    mode.loseHints();
    mode.startRead();
    expect(mode.takeKept()).toEqual([]);
    mode.completeRead();
    expect(mode.name).toBe('up to date');
  });
});
