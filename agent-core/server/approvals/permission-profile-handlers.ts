/** The permission profiles that can be chosen: those that are built in, and the tables of the user's own. */
import path from 'node:path';
import { isAllowedMode, listProfiles } from '../../config/index.ts';
import type { PermissionProfileSummary } from '../../protocol/index.ts';
import type { Configuration } from '../config/configuration.ts';
import type { Handlers } from '../wire/connection.ts';
import { pageOf, pageSize } from '../wire/pages.ts';

export function permissionProfileHandlers(
  configuration: Configuration,
  cwd: string,
): Pick<Handlers, 'permissionProfile/list'> {
  return {
    'permissionProfile/list'({ cwd: folder, cursor, limit }) {
      const { config, requirements } = folder
        ? configuration.load(path.resolve(cwd, folder))
        : configuration.loadUser();
      const allowed = requirements.allowed_permission_profiles;
      const all = listProfiles(config).map(
        ({ id, mode, description }): PermissionProfileSummary => ({
          id,
          description,
          allowed: isAllowedMode(requirements, mode) && (allowed === undefined || allowed[id] === true),
        }),
      );
      const size = pageSize(limit, 100, 1000);
      const page = pageOf({ all, idOf: ({ id }) => id, cursor: cursor ?? null, limit: size, ascending: true });
      return { data: page.data, nextCursor: page.nextCursor };
    },
  };
}
