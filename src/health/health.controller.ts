import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheck, type HealthCheckResult } from '@nestjs/terminus';
import { ApiProblems } from '../http/problems/api-problems.decorator';
import { HealthDto } from './health.dto';
import { HealthService, type Readiness } from './health.service';

/** Terminus would describe its own body of a 503, which the problem filter replaces. */
const NOT_CACHED = { noCache: true, swaggerDocumentation: false };

@ApiTags('operations')
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('live')
  @HealthCheck(NOT_CACHED)
  @ApiOkResponse({ type: HealthDto })
  @ApiProblems('not_ready')
  @ApiOperation({
    operationId: 'live',
    summary: 'Liveness probe',
    description:
      'Checks the process only: restarting it would not help when the database is unavailable.',
  })
  live(): Promise<HealthCheckResult> {
    return this.health.live();
  }

  @Get('ready')
  @HealthCheck(NOT_CACHED)
  @ApiOkResponse({ type: HealthDto })
  @ApiProblems('not_ready')
  @ApiOperation({
    operationId: 'ready',
    summary: 'Readiness probe',
    description:
      'Checks the database, pending migrations, and that the node is not shutting down. Without Redis the node is ready with the status `degraded`: it accepts orders, and processes them more slowly.',
  })
  ready(): Promise<Readiness> {
    return this.health.ready();
  }
}
