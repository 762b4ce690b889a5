/** The few icons that the dashboard uses, one by one: the whole set would be larger than the rest of the page. */
export { default as IconAdd } from '@lucide/svelte/icons/plus';
export { default as IconBack } from '@lucide/svelte/icons/arrow-left';
export { default as IconCameras } from '@lucide/svelte/icons/cctv';
export { default as IconDone } from '@lucide/svelte/icons/circle-check';
export { default as IconEdit } from '@lucide/svelte/icons/pencil';
export { default as IconRemove } from '@lucide/svelte/icons/trash-2';
export { default as IconClose } from '@lucide/svelte/icons/x';
export { default as IconCharts } from '@lucide/svelte/icons/chart-line';
export { default as IconFullscreen } from '@lucide/svelte/icons/maximize';
export { default as IconHelp } from '@lucide/svelte/icons/keyboard';
export { default as IconLab } from '@lucide/svelte/icons/flask-conical';
export { default as IconLabels } from '@lucide/svelte/icons/tags';
export { default as IconLend } from '@lucide/svelte/icons/cpu';
export { default as IconMoon } from '@lucide/svelte/icons/moon';
export { default as IconSun } from '@lucide/svelte/icons/sun';
export { default as IconWall } from '@lucide/svelte/icons/layout-grid';
export { default as IconWarning } from '@lucide/svelte/icons/triangle-alert';
