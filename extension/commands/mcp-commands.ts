/** The MCP servers: how each is, what it may do, and what can be done about it. */
import * as vscode from 'vscode';
import type { GantryParts } from '../context.ts';
import { COMMANDS } from '../contributions.ts';
import { type McpServerView, type McpWish, parseHosts, wishText } from '../session/mcp-view.ts';

const ICONS: Record<McpServerView['state'], string> = {
  starting: '$(sync~spin)',
  ready: '$(pass)',
  failed: '$(error)',
  signIn: '$(key)',
  disabled: '$(circle-slash)',
  idle: '$(circle-outline)',
};

type Row = vscode.QuickPickItem & { server?: McpServerView; run?: () => unknown };

/** The list stays up to date as long as it is open. */
export async function mcpServers(parts: GantryParts): Promise<void> {
  const openConfig: Row = {
    label: '$(go-to-file) Open config.toml',
    detail: 'Servers stand there as [mcp_servers.NAME].',
    run: () => vscode.commands.executeCommand(COMMANDS.openConfig),
  };
  const restart: Row = { label: '$(debug-restart) Restart All Servers', run: () => restartAll(parts) };
  const picked = await pickLive(parts, async () => {
    const { servers, problems } = await parts.mcp.read();
    const none: Row[] = servers.length === 0 ? [{ label: 'No MCP server is set up.' }] : [];
    return [
      ...servers.map(serverRow),
      ...none,
      ...problems.map((problem): Row => ({ label: '$(warning) Not understood', detail: problem, run: openConfig.run })),
      { label: '', kind: vscode.QuickPickItemKind.Separator },
      ...(servers.length > 0 ? [restart] : []),
      ...(isOurs(parts) ? [openConfig] : []),
    ];
  });
  if (picked?.server) await serverActions(parts, picked.server);
  else await picked?.run?.();
}

/** Another agent has a config.toml of its own, and does not say where. */
const isOurs = ({ core }: GantryParts): boolean => Boolean(core.client?.gantry);

const serverRow = (server: McpServerView): Row => ({
  label: `${ICONS[server.state]} ${server.name}`,
  description: server.words,
  detail: server.profile ?? '',
  server,
});

/** Resolves with what is picked, with nothing when the list is closed. */
function pickLive({ mcp, controller }: GantryParts, read: () => Promise<Row[]>): Promise<Row | undefined> {
  const list = vscode.window.createQuickPick<Row>();
  list.title = 'Gantry: MCP Servers';
  list.placeholder = 'Pick a server to change what it may do, to sign in or to switch it off';
  list.matchOnDescription = true;
  list.matchOnDetail = true;
  list.busy = true;
  let newest = 0;
  const refresh = async () => {
    newest += 1;
    const own = newest;
    try {
      const rows = await read();
      if (own !== newest) return;
      const active = list.activeItems[0]?.server?.name;
      list.items = rows;
      // Enter takes the first one, as in any list.
      const again = rows.filter(({ server }) => server !== undefined && server.name === active);
      list.activeItems = again.length > 0 ? again : rows.filter(({ server, run }) => server || run).slice(0, 1);
      list.busy = false;
    } catch (error) {
      if (own !== newest) return;
      list.hide();
      controller.report(error);
    }
  };
  return new Promise((resolve) => {
    const changes = mcp.onChanged(() => void refresh());
    list.onDidAccept(() => {
      const [row] = list.selectedItems;
      if (!row?.server && !row?.run) return;
      resolve(row);
      list.hide();
    });
    list.onDidHide(() => {
      newest += 1;
      changes.dispose();
      list.dispose();
      resolve(undefined);
    });
    list.show();
    void refresh();
  });
}

async function serverActions(parts: GantryParts, server: McpServerView): Promise<void> {
  const { name, state, sandbox } = server;
  const allow = (wish: McpWish) => () => widen(parts, server, wish);
  const isOff = state === 'disabled';
  const rows: Row[] = [];
  if (server.canSignIn && !isOff)
    rows.push({
      label: state === 'signIn' ? '$(key) Sign In' : '$(key) Sign In Again',
      detail: 'Opens the page of the server in your browser.',
      run: () => signIn(parts, name),
    });
  if (!isOff)
    rows.push({
      label: '$(debug-restart) Restart',
      detail: 'All servers are started again, this one among them.',
      run: () => restartAll(parts),
    });
  rows.push({
    label: isOff ? '$(play) Enable' : '$(circle-slash) Disable',
    run: () => parts.mcp.setEnabled(name, isOff),
  });
  const { profile } = server;
  if (profile !== null)
    rows.push(
      { label: 'What it may do', kind: vscode.QuickPickItemKind.Separator },
      {
        label: '$(shield) Now',
        detail: profile,
        // The list cuts what is longer than itself.
        run: () => vscode.window.showInformationMessage(`What ${name} may do`, { modal: true, detail: profile }),
      },
    );
  if (sandbox !== null && sandbox.mode !== 'off') {
    if (sandbox.network !== true)
      rows.push(
        {
          label: '$(globe) Allow Hosts…',
          detail: 'Only the hosts that you name.',
          run: () => allowHosts(parts, server),
        },
        { label: '$(globe) Allow Network', detail: 'Any host.', run: allow({ type: 'network' }) },
      );
    rows.push({ label: '$(folder) Allow Writing in a Folder…', run: () => allowFolder(parts, server) });
  }
  if (sandbox !== null && Object.keys(sandbox).length > 0)
    rows.push({
      label: '$(shield) Back to the Default',
      detail: 'It reads the workspace and the system’s programs; no network, no writing.',
      run: async () => say(name, await parts.mcp.confine(server)),
    });
  if (isOurs(parts))
    rows.push(
      { label: '', kind: vscode.QuickPickItemKind.Separator },
      { label: '$(go-to-file) Open config.toml', run: () => vscode.commands.executeCommand(COMMANDS.openConfig) },
    );
  const picked = await vscode.window.showQuickPick(rows, {
    title: `${name}: ${server.words}`,
    placeHolder: [server.profile, server.fixedBecause].filter(Boolean).join(' ') || server.tools.join(', '),
  });
  await picked?.run?.();
}

async function restartAll({ mcp }: GantryParts): Promise<void> {
  await mcp.restart();
  vscode.window.setStatusBarMessage('$(sync) The MCP servers are started again', 4000);
}

async function allowHosts(parts: GantryParts, server: McpServerView): Promise<void> {
  const text = await vscode.window.showInputBox({
    title: `Hosts that ${server.name} may reach`,
    prompt: 'Host names, with commas between them',
    placeHolder: 'api.example.com',
    ignoreFocusOut: true,
    validateInput: (value) => {
      const hosts = parseHosts(value);
      return typeof hosts === 'string' ? hosts : null;
    },
  });
  const hosts = parseHosts(text ?? '');
  if (typeof hosts !== 'string') await widen(parts, server, { type: 'hosts', hosts });
}

async function allowFolder(parts: GantryParts, server: McpServerView): Promise<void> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      title: `Folder that ${server.name} may write in`,
      openLabel: 'Choose Folder',
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  if (folder) await widen(parts, server, { type: 'write', folder: folder.fsPath });
}

async function widen(parts: GantryParts, server: McpServerView, wish: McpWish): Promise<void> {
  const { question, detail, yes } = wishText(server.name, wish);
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) !== yes) return;
  say(server.name, await parts.mcp.allow(server, wish));
}

const say = (name: string, summary: string): void =>
  void vscode.window.showInformationMessage(`Gantry: ${name} is started again. ${summary}`);

async function signIn({ mcp }: GantryParts, name: string): Promise<void> {
  const { url, done } = await mcp.signIn(name);
  const parsed = vscode.Uri.parse(url, true);
  if (!/^https?$/.test(parsed.scheme)) throw new Error(`${name} names a page to sign in at that is not of the web.`);
  if (!(await vscode.env.openExternal(parsed))) return;
  const { success, error } = await done;
  if (!success) throw new Error(`Signing in to ${name} did not work. ${error ?? 'The server gave no reason.'}`);
  void vscode.window.showInformationMessage(`Gantry: signed in to ${name}.`);
}
