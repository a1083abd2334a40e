import { constants } from 'node:os';
import type { CommandExit } from '../ports.ts';

const numberOf: Readonly<Record<string, number>> = constants.signals;

/** The status that a shell would report: of a process that a signal ended, 128 and the signal's number. */
export const exitStatus = ({ code, signal }: CommandExit): number => code ?? 128 + (numberOf[signal ?? ''] ?? 0);
