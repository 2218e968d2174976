import { Controller, Get, HttpStatus } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheck, type HealthCheckResult } from '@nestjs/terminus';
import { ApiProblem } from '../http/problems/api-problem.decorator';
import { HealthService, type Readiness } from './health.service';

@ApiTags('operations')
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('live')
  @HealthCheck()
  @ApiOperation({
    operationId: 'live',
    summary: 'Is the process alive?',
    description: 'Needs nothing but the process: a restart would not bring the database back.',
  })
  live(): Promise<HealthCheckResult> {
    return this.health.live();
  }

  @Get('ready')
  // Above terminus' own, whose answer this one replaces.
  @ApiProblem(HttpStatus.SERVICE_UNAVAILABLE, 'Not ready; the detail says what is down.')
  @HealthCheck()
  @ApiOperation({
    operationId: 'ready',
    summary: 'May traffic be sent here?',
    description:
      'Needs the database, all migrations, and that the node is not shutting down. Without Redis it says degraded, and traffic is welcome.',
  })
  ready(): Promise<Readiness> {
    return this.health.ready();
  }
}
