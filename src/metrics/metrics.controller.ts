import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../http/problems/api-problems.decorator';
import { MetricsDto, toMetricsDto } from './metrics.dto';
import { MetricsService } from './metrics.service';

@ApiTags('operations')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: MetricsService) {}

  @Get()
  @ApiOperation({
    operationId: 'getMetrics',
    summary: 'Get counts and averages',
    description: 'The counts are exact, and the cost does not depend on the number of orders.',
  })
  @ApiOkResponse({ type: MetricsDto })
  @ApiProblems('database_unavailable')
  async get(): Promise<MetricsDto> {
    return toMetricsDto(await this.metrics.read());
  }
}
