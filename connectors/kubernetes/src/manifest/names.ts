import { z } from 'zod';
import { Namespace } from '../config.ts';

/** Name of an object: an RFC 1123 subdomain, as all kinds that the actions name have one. */
export const ObjectName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/, 'use the name of an object: lower-case letters, digits, "-", "."');

/** Not marked as a thing that planners look up: an action's thing is its deployment or pod. */
export const NamespaceInput = Namespace.optional().describe("Namespace; left out: the target's own.");

/** Name of a deployment, marked so that planners look it up. */
export const DeploymentInput = ObjectName.meta({ description: 'Name of the deployment.', 'x-entity': 'deployment' });

export const second = 1000;
export const mebibyte = 1024 * 1024;
