import { ApiProperty } from '@nestjs/swagger';

const UP = { database: { status: 'up' } };

/** What a probe answers with 200. */
export class HealthDto {
  @ApiProperty({
    enum: ['ok', 'degraded'],
    example: 'ok',
    description: '`degraded`: the node is ready, but an optional check failed.',
  })
  status!: string;

  @Checks('The checks that succeeded.', UP)
  info!: object;

  @Checks('The checks that failed.', {})
  error!: object;

  @Checks('All checks.', UP)
  details!: object;
}

/** Results by the names of the checks. */
function Checks(description: string, example: object): PropertyDecorator {
  return ApiProperty({
    type: 'object',
    additionalProperties: {
      type: 'object',
      required: ['status'],
      properties: {
        status: { type: 'string', enum: ['up', 'down'] },
        message: { type: 'string', description: 'Why the check failed.' },
      },
    },
    description,
    example,
  });
}
