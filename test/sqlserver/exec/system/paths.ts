/** `C:\var\opt\mssql\x` names the same file as `/var/opt/mssql/x` for SQL Server on Linux. */
export function normalPath(name: string): string {
  const path = name.replace(/^[cC]:(?=[\\/])/, '').replaceAll('\\', '/');
  return path.length > 1 ? path.replace(/\/+$/, '') || '/' : path;
}
