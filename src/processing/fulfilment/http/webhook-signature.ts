import type { Webhook } from 'standardwebhooks';

/**
 * The headers by which a receiver verifies that a body comes from this service and is recent (Standard Webhooks 1.0).
 *
 * @param id the same for every delivery of one message
 */
export function signatureHeaders(webhook: Webhook, id: string, body: string): WebhookHeaders {
  const now = new Date();
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': webhook.sign(id, now, body),
  };
}

type WebhookHeaders = Record<`webhook-${'id' | 'timestamp' | 'signature'}`, string>;
