/** The OpenAPI description of the management API, made from its routes. */
import { z } from 'zod';
import { deviceJson, errorJson, orderJson, resourceJson } from './answers.js';
import type { Route } from './route.js';

const NAMED = new Map<z.ZodType, string>([
  [deviceJson, 'Device'],
  [orderJson, 'Order'],
  [resourceJson, 'Resource'],
  [errorJson, 'Error'],
]);

/** @param server where the API listens, `http://127.0.0.1:8080`. */
export function openApi(routes: readonly Route[], server: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'S_eIM management API',
      version: '1',
      description: 'What an operator orders of the eIM of sgp33. DER is base64, ICCIDs are printed digits.',
    },
    servers: [{ url: server }],
    paths,
    components: {
      schemas: Object.fromEntries([...NAMED].map(([schema, name]) => [name, schemaOf(schema, 'output')])),
    },
  };
}

function operationOf(route: Route): object {
  const parameters = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => ({
    name: match[1] ?? '',
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const responses = Object.entries(route.answers).map(([status, { description, schema }]) => [
    status,
    { description, ...(schema === undefined ? {} : { content: jsonContent(schema, 'output') }) },
  ]);
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: jsonContent(route.body, 'input') } }),
    responses: Object.fromEntries(responses) as object,
  };
}

function jsonContent(schema: z.ZodType, io: 'input' | 'output'): object {
  const name = NAMED.get(schema);
  return {
    'application/json': {
      schema: name === undefined ? schemaOf(schema, io) : { $ref: `#/components/schemas/${name}` },
    },
  };
}

/** Without `$schema`: OpenAPI 3.1 names its dialect once, for all. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const entries = Object.entries(z.toJSONSchema(schema, { io }));
  return Object.fromEntries(entries.filter(([name]) => name !== '$schema'));
}
