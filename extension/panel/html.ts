/** The page of the panel. Pure. */

export type PageParts = { cspSource: string; scriptUri: string; styleUri: string; nonce: string };

/** Loads our one script and our one style and nothing else; the script runs by its nonce, nothing runs inline. */
export function panelHtml({ cspSource, scriptUri, styleUri, nonce }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    // Libraries that place elements set style attributes; such styles load nothing, as no other source is allowed.
    `style-src ${cspSource} 'unsafe-inline'`,
    `font-src ${cspSource}`,
    `img-src ${cspSource} data:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gantry</title>
<link rel="stylesheet" href="${styleUri}">
</head>
<body>
<div id="root"></div>
<script nonce="${nonce}" src="${scriptUri}"></script>
</body>
</html>
`;
}
