/**
 * Whether a URI lies below a prefix however it is read: S3 takes `..` literally, Hadoop's Path resolves it, also where
 * a pattern such as `{a,../b}` expands to it, so a URI with such a segment lies nowhere.
 */
export const staysBelow = (uri: string, prefix: string): boolean =>
  uri.startsWith(prefix) && !uri.split(/[/{},]/).some((segment) => segment === "." || segment === "..");
