import type { Wording } from '@countersign/protocol';

const refDetails = ['on branch {ref}', 'branch {ref}', 'at {ref}', 'tag {ref}', 'en la rama {ref}', 'rama {ref}'];
const branchDetails = ['on branch {branch}', 'branch {branch}', 'en la rama {branch}', 'rama {branch}'];
const messageDetails = [
  'commit message {message}',
  'message {message}',
  'mensaje de commit {message}',
  'el mensaje {message}',
  'mensaje {message}',
];

export const fileWording: Wording = {
  verbs: ['show'],
  nouns: ['file'],
  asks: [
    'what does {path} contain',
    'what is in {path}',
    'content of {path}',
    'que contiene {path}',
    'contenido de {path}',
  ],
  details: [...refDetails, 'file {path}', 'archivo {path}', 'fichero {path}'],
};

export const treeWording: Wording = {
  verbs: ['list', 'show'],
  nouns: ['files', 'folder'],
  asks: [
    'ls {path}',
    'what files are',
    'which files are',
    'what files are there',
    'que archivos hay',
    'que ficheros hay',
  ],
  details: [
    ...refDetails,
    'folder {path}',
    'directory {path}',
    'under {path}',
    'below {path}',
    'files in {path}',
    'carpeta {path}',
    'directorio {path}',
    'bajo {path}',
    'recursively {recursive=true}',
    'with everything below it {recursive=true}',
    'with everything below {recursive=true}',
    'recursivamente {recursive=true}',
    'con todo lo que contiene {recursive=true}',
  ],
};

export const statusWording: Wording = {
  verbs: ['show'],
  nouns: ['status'],
  asks: [
    'git status',
    'is anything uncommitted',
    'what is uncommitted',
    'what is not committed',
    'are there uncommitted changes',
    'uncommitted changes',
    'hay cambios sin confirmar',
    'cambios sin confirmar',
  ],
};

export const diffWording: Wording = {
  verbs: ['compare', 'show'],
  nouns: ['changes'],
  asks: [
    'what changed between {from} and {to}',
    'compare {from} with {to}',
    'compare {from} to {to}',
    'compare {from} and {to}',
    'diff {from} {to}',
    'compara {from} con {to}',
    'compara {from} y {to}',
    'que cambio entre {from} y {to}',
    'git diff',
  ],
  details: ['between {from} and {to}', 'from {from} to {to}', 'entre {from} y {to}', 'de {from} a {to}'],
};

export const searchWording: Wording = {
  verbs: ['search'],
  nouns: ['text'],
  asks: [
    'where is {query} used',
    'where is {query}',
    'grep {query}',
    'search for {query}',
    'find the text {query}',
    'donde se usa {query}',
    'donde esta {query}',
  ],
  details: [
    ...refDetails,
    'in folder {path}',
    'under {path}',
    'ignoring case {ignore_case=true}',
    'ignore case {ignore_case=true}',
    'case insensitive {ignore_case=true}',
    'upper or lower case {ignore_case=true}',
    'sin distinguir mayusculas {ignore_case=true}',
    'regular expression {regex=true}',
    'regex {regex=true}',
    'pattern {regex=true}',
    'expresion regular {regex=true}',
    'at most {limit} lines',
    'limit {limit}',
  ],
};

export const logWording: Wording = {
  verbs: ['list', 'show'],
  nouns: ['commit', 'history'],
  asks: ['git log', 'who changed', 'what were the last {limit} commits', 'quien cambio'],
  details: [
    ...refDetails,
    'last {limit} commits',
    '{limit} commits',
    '{limit} entries',
    'last {limit}',
    'ultimos {limit} commits',
    'ultimos {limit}',
    'that changed {path}',
    'que cambiaron {path}',
    'since {since}',
    'after {since}',
    'desde {since}',
    'lately',
    'ultimamente',
  ],
};

export const writeFilesWording: Wording = {
  verbs: ['write', 'create', 'delete'],
  nouns: ['file'],
  details: [
    ...messageDetails,
    ...branchDetails,
    'with content {files.content}',
    'content {files.content}',
    'saying {files.content}',
    'contenido {files.content}',
    'que diga {files.content}',
  ],
};

export const applyPatchWording: Wording = {
  verbs: ['apply', 'patch'],
  nouns: ['patch'],
  asks: ['apply patch {patch}', 'patch {patch}', 'aplica parche {patch}', 'parche {patch}'],
  details: [...messageDetails, ...branchDetails],
};

export const revertWording: Wording = {
  verbs: ['revert'],
  nouns: ['commit'],
  asks: ['git revert'],
  details: [
    ...messageDetails,
    ...branchDetails,
    'to its parent {mainline}',
    'parent {mainline}',
    'mainline {mainline}',
    'the merge',
    'merge',
    'a su padre {mainline}',
  ],
};
