import type { call } from './service';

type Answer = Awaited<ReturnType<typeof call>>;

interface Fault {
  readonly pointer: string;
  readonly message: string;
}

/** Proves that an answer is a whole problem document (RFC 9457), and gives its faults. */
export function expectProblem(answer: Answer, status: number, code: string): readonly Fault[] {
  const { body, headers } = answer;
  expect({ status: answer.status, code: body['code'] }).toEqual({ status, code });
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(body).toMatchObject({
    type: `/problems/${code}`,
    title: expect.stringMatching(/./) as string,
    status,
    detail: expect.stringMatching(/./) as string,
    instance: expect.stringMatching(/^\//) as string,
  });
  return (body['errors'] ?? []) as Fault[];
}

/** Where the faults of an answer are. */
export function pointersOf(answer: Answer): string[] {
  return expectProblem(answer, 422, 'validation_failed').map(({ pointer }) => pointer);
}
