import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiOrderId, ApiProblems } from '../http/problems/api-problems.decorator';
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
    summary: 'Get the history of an order',
    description: 'Every status change of the order, oldest first.',
  })
  @ApiOrderId()
  @ApiOkResponse({ type: OrderHistoryDto })
  @ApiProblems('database_unavailable')
  async get(@Param('order_id', IdPipe) orderId: number): Promise<OrderHistoryDto> {
    return toOrderHistoryDto(orderId, await this.history.ofOrder(orderId));
  }
}
