export { VERSION } from '@voltgate/shared/version.ts';
