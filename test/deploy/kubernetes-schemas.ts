import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { say } from './tools.ts';

/** Go modules that carry the schemas of what the chart makes: no other place serves them without GitHub. */
const KUBERNETES = 'k8s.io/kubernetes@v1.34.2';
const DEFINITIONS: Readonly<Record<string, readonly string[]>> = {
  'github.com/prometheus-operator/prometheus-operator@v0.85.0': [
    'example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml',
    'example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml',
  ],
  'github.com/kedacore/keda/v2@v2.21.0': ['config/crd/bases/keda.sh_scaledobjects.yaml'],
  'github.com/traefik/traefik/v3@v3.7.13': [
    'docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml',
  ],
  'github.com/envoyproxy/gateway@v1.9.1': [
    'charts/gateway-crds-helm/templates/generated/gateway.envoyproxy.io_backendtrafficpolicies.yaml',
    'charts/gateway-crds-helm/templates/generated/gateway.envoyproxy.io_clienttrafficpolicies.yaml',
  ],
  'sigs.k8s.io/gateway-api@v1.5.1': [
    'config/crd/standard/gateway.networking.k8s.io_gateways.yaml',
    'config/crd/standard/gateway.networking.k8s.io_httproutes.yaml',
  ],
};

type Schema = { [key: string]: unknown };
type Definition = {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
};

/** Where kubeconform finds the schemas in a folder. */
export const schemaLocation = (folder: string) => join(folder, '{{.ResourceKind}}{{.KindSuffix}}.json');

/**
 * Writes JSON schemas for kubeconform into the folder, one per kind, strict: an unknown field is a fault. Returns what could
 * not be had and why, nothing when all could.
 */
export async function writeSchemas(folder: string, go: string, helm: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const missing: string[] = [];
  const kubernetes = await moduleFolder(go, KUBERNETES);
  if (kubernetes === undefined) missing.push(`${KUBERNETES} (no module proxy)`);
  else await writeBuiltIn(folder, await readFile(join(kubernetes, 'api/openapi-spec/swagger.json'), 'utf8'));
  const texts: string[] = [];
  for (const [module, files] of Object.entries(DEFINITIONS)) {
    const at = await moduleFolder(go, module);
    if (at === undefined) missing.push(`${module} (no module proxy)`);
    else for (const file of files) texts.push(...(await readDocuments(join(at, file))));
  }
  for (const definition of await parseYaml(folder, helm, texts)) await writeDefinition(folder, definition);
  return missing;
}

async function moduleFolder(go: string, module: string): Promise<string | undefined> {
  const { code, stdout } = await say(go, ['mod', 'download', '-json', module], tmpdir());
  return code === 0 ? (JSON.parse(stdout) as { Dir: string }).Dir : undefined;
}

/** Kubernetes' own kinds, each with the definitions it refers to. */
async function writeBuiltIn(folder: string, swagger: string): Promise<void> {
  const { definitions } = JSON.parse(swagger) as { definitions: Record<string, Schema> };
  const strict = Object.fromEntries(
    Object.entries(definitions).map(([name, schema]) => [name, closed(schema) as Schema]),
  );
  for (const [name, schema] of Object.entries(strict)) {
    const kinds = schema['x-kubernetes-group-version-kind'];
    const [only] = Array.isArray(kinds) && kinds.length === 1 ? (kinds as Record<string, string>[]) : [];
    if (!only?.kind || !only.version) continue;
    const used = Object.fromEntries(reach(name, strict).map((each) => [each, strict[each]]));
    const text = JSON.stringify({ $ref: `#/definitions/${name}`, definitions: used });
    await writeFile(join(folder, fileName(only.kind, only.group ?? '', only.version)), text);
  }
}

function reach(name: string, definitions: Readonly<Record<string, Schema>>): string[] {
  const found = new Set([name]);
  for (const each of found) {
    for (const [, next] of JSON.stringify(definitions[each]).matchAll(/"#\/definitions\/([^"]+)"/g))
      found.add(next as string);
  }
  return [...found];
}

async function writeDefinition(folder: string, { spec }: Definition): Promise<void> {
  for (const { name, schema } of spec.versions) {
    const text = JSON.stringify(closed(schema.openAPIV3Schema));
    await writeFile(join(folder, fileName(spec.names.kind, spec.group, name)), text);
  }
}

/** As kubeconform names them: kind, first part of the group, version. */
function fileName(kind: string, group: string, version: string): string {
  const parts = [kind, group.split('.')[0], version].filter((part) => part !== '');
  return `${parts.join('-').toLowerCase()}.json`;
}

/** The same schema in plain JSON Schema, where an object has no other properties than those it names. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { description: _, ...rest } = schema as Schema;
  const copy: Schema = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, closed(value)]));
  if (copy['x-kubernetes-int-or-string'] === true || copy.format === 'int-or-string')
    return { type: ['string', 'integer'] };
  if (copy.nullable === true && typeof copy.type === 'string') copy.type = [copy.type, 'null'];
  const isOpen = 'additionalProperties' in copy || copy['x-kubernetes-preserve-unknown-fields'] === true;
  if (copy.type === 'object' && 'properties' in copy && !isOpen) copy.additionalProperties = false;
  return copy;
}

/** The definitions in a file, free of the template lines that some charts wrap them in. */
async function readDocuments(path: string): Promise<string[]> {
  const text = (await readFile(path, 'utf8')).replaceAll(/^\{\{.*\}\}$/gm, '');
  return text.split(/^---$/m).filter((document) => /^kind: CustomResourceDefinition$/m.test(document));
}

/** Helm reads YAML for us: a chart whose only template writes its files as JSON. */
async function parseYaml(folder: string, helm: string, texts: readonly string[]): Promise<Definition[]> {
  const chart = join(folder, 'chart');
  await mkdir(join(chart, 'templates'), { recursive: true });
  await mkdir(join(chart, 'definitions'), { recursive: true });
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: definitions\nversion: 0.0.0\n');
  const each = '---\n{{ $.Files.Get $path | fromYaml | toJson }}\n';
  const template = `{{- range $path, $_ := .Files.Glob "definitions/*" }}\n${each}{{- end }}\n`;
  await writeFile(join(chart, 'templates/all.yaml'), template);
  for (const [at, text] of texts.entries()) await writeFile(join(chart, `definitions/${at}.yaml`), text);
  const { code, stdout, stderr } = await say(helm, ['template', 'definitions', chart]);
  if (code !== 0) throw new Error(`definitions could not be read: ${stderr}`);
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Definition);
}
