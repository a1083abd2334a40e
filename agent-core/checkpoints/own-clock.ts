/** Whether the times of files come from the clock that this process reads. */
import { statfsSync } from 'node:fs';

/** Linux' numbers of file systems that lie in this machine; those of servers, and of hosts below us, have clocks of their own. */
const LOCAL = new Set([
  0xef53, // ext2 to ext4
  0x58465342, // xfs
  0x9123683e, // btrfs
  0x01021994, // tmpfs
  0x794c7630, // overlay
  0xf2f52010, // f2fs
  0x2fc12fc1, // zfs
  0xca451a4e, // bcachefs
]);

export function hasOurClock(folder: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return LOCAL.has(statfsSync(folder).type);
  } catch {
    return false;
  }
}
