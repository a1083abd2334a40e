import type { Page } from 'playwright-core';

/** Drags the border of the side bar that holds Gantry's panel until the panel is `width` pixels wide, give or take two. */
export async function setPanelWidth(page: Page, width: number): Promise<void> {
  const part = page.locator('.part.auxiliarybar');
  await part.waitFor();
  const box = await part.boundingBox();
  if (!box) throw new Error('the side bar with the panel is hidden');
  const y = box.y + box.height / 2;
  const target = box.x + box.width - width;
  // The border between the parts lies a few pixels beside the part in some layouts: take the nearest one.
  const sashes = await page.locator('.monaco-sash.vertical:not(.disabled)').all();
  const borders = (await Promise.all(sashes.map((sash) => sash.boundingBox()))).filter((at) => at !== null);
  const nearest = borders.sort((a, b) => Math.abs(a.x - box.x) - Math.abs(b.x - box.x))[0];
  if (!nearest) throw new Error('the side bar has no border to drag');
  const grip = nearest.x + nearest.width / 2;
  await page.mouse.move(grip, y);
  await page.mouse.down();
  await page.mouse.move(grip + (target - box.x), y, { steps: 8 });
  await page.mouse.up();
  // Off the border, which lights up while the pointer is on it.
  await page.mouse.move(box.x / 2, y);
}
