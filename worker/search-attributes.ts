import type { NativeConnection } from '@temporalio/worker';
import { registerCommand, searchAttributes, type SearchAttribute } from '../client/search-attributes.ts';

/** temporal.api.enums.v1.IndexedValueType */
const serverTypes = { KEYWORD: 2, DATETIME: 6, KEYWORD_LIST: 7 } as const;

/** gRPC status codes with which a server says that this is not for us to do (Temporal Cloud; a locked-down server). */
const notAllowed = new Set([7, 12, 16]);
const alreadyExists = 6;

type Services = Pick<NativeConnection, 'operatorService' | 'workflowService'>;

/**
 * Sees to it that the server knows the search attributes: a start that carries an unknown one fails.
 * @returns the names that were added
 * @throws when they are missing and cannot be added, with the command that adds them
 */
export async function ensureSearchAttributes(connection: Services, namespace: string): Promise<string[]> {
  const known = await knownAttributes(connection, namespace);
  const wrong = searchAttributes.find(
    ({ name, type }) => typeof known[name] === 'number' && known[name] !== serverTypes[type],
  );
  if (wrong) {
    throw new Error(
      `Search attribute ${wrong.name} exists in namespace ${namespace} with another type than ${wrong.commandType}. ` +
        `Remove it (temporal operator search-attribute remove --namespace ${namespace} --name ${wrong.name}) or use another namespace.`,
    );
  }
  const missing = searchAttributes.filter(({ name }) => known[name] === undefined);
  if (missing.length === 0) return [];
  await add(connection, namespace, missing);
  return missing.map(({ name }) => name);
}

/** Type by name; a server that does not let itself be asked still tells the names, without types. */
async function knownAttributes(
  { operatorService, workflowService }: Services,
  namespace: string,
): Promise<Record<string, number | 'of unknown type'>> {
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    return customAttributes ?? {};
  } catch (error) {
    if (!notAllowed.has(grpcCode(error))) throw error;
    const { config } = await workflowService.describeNamespace({ namespace });
    const names = Object.values(config?.customSearchAttributeAliases ?? {});
    return Object.fromEntries(names.map((name) => [name, 'of unknown type' as const]));
  }
}

async function add({ operatorService }: Services, namespace: string, missing: SearchAttribute[]): Promise<void> {
  try {
    await operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, serverTypes[type]])),
    });
  } catch (error) {
    // Another worker that starts at the same moment was first.
    if (grpcCode(error) === alreadyExists) return;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The server lacks search attributes, and does not let this worker add them (${reason}). ` +
        `Have its administrator run: ${registerCommand(missing, namespace)}`,
      { cause: error },
    );
  }
}

function grpcCode(error: unknown): number {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === 'number') return code;
  return cause === undefined ? -1 : grpcCode(cause);
}
