import { Controller, Get, HttpStatus, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiOrderId, ApiProblem } from '../http/problems/api-problem.decorator';
import { IdPipe } from '../http/validation/id.pipe';
import { OrderHistoryDto, toOrderHistoryDto } from './history.dto';
import { HistoryService } from './history.service';

@ApiTags('orders')
@Controller('order')
export class HistoryController {
  constructor(private readonly history: HistoryService) {}

  @Get('order_history/:order_id')
  @ApiOperation({
    operationId: 'getOrderHistory',
    summary: 'Show what happened to an order',
    description: 'Every status change, oldest first.',
  })
  @ApiOrderId()
  @ApiOkResponse({ type: OrderHistoryDto })
  @ApiProblem(HttpStatus.SERVICE_UNAVAILABLE, 'The database is away; try again after Retry-After.')
  async get(@Param('order_id', IdPipe) orderId: number): Promise<OrderHistoryDto> {
    return toOrderHistoryDto(orderId, await this.history.ofOrder(orderId));
  }
}
