import { Controller, Get, HttpStatus } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblem } from '../http/problems/api-problem.decorator';
import { MetricsDto, toMetricsDto } from './metrics.dto';
import { MetricsService } from './metrics.service';

@ApiTags('operations')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: MetricsService) {}

  @Get()
  @ApiOperation({
    operationId: 'getMetrics',
    summary: 'Counts and averages',
    description: 'Exact at every moment, and as cheap with ten million orders as with ten.',
  })
  @ApiOkResponse({ type: MetricsDto })
  @ApiProblem(HttpStatus.SERVICE_UNAVAILABLE, 'The database is away; try again after Retry-After.')
  async get(): Promise<MetricsDto> {
    return toMetricsDto(await this.metrics.read());
  }
}
