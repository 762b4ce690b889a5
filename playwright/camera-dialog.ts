import type { Locator, Page } from '@playwright/test';

/** The dialog in which cameras are added, changed and removed. */
export class CameraDialog {
  readonly page: Page;
  readonly root: Locator;

  constructor(page: Page) {
    this.page = page;
    this.root = page.getByRole('dialog');
  }

  field(name: string): Locator {
    return this.root.getByLabel(name, { exact: true });
  }

  button(name: string): Locator {
    return this.root.getByRole('button', { name, exact: true });
  }

  row(id: string): Locator {
    return this.root.locator(`[data-camera="${id}"]`);
  }

  /** What a test of the camera found out. */
  get report(): Locator {
    return this.root.getByTestId('probe');
  }

  /** Controls that a screen reader has no name for: there must be none. */
  async nameless(): Promise<string[]> {
    const tree = await this.root.ariaSnapshot();
    return tree.split('\n').filter((line) => /- (button|textbox|checkbox|combobox)( \[[^\]]*\])*:?\s*$/.test(line));
  }
}
