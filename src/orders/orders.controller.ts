import {
  Body,
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { ApiOrderId, ApiProblem } from '../http/problems/api-problem.decorator';
import { IdPipe } from '../http/validation/id.pipe';
import { IdempotencyKey, MAX_KEY_LENGTH } from '../http/validation/idempotency-key.decorator';
import { CreateOrderDto, toNewOrder } from './dto/create-order.dto';
import { ListOrdersDto, OrderListDto, toOrderFilter, toOrderListDto } from './dto/list-orders.dto';
import { OrderDto, toOrderDto } from './dto/order.dto';
import { OrdersService } from './orders.service';

@ApiTags('orders')
@ApiProblem(HttpStatus.SERVICE_UNAVAILABLE, 'The database is away; try again after Retry-After.')
@Controller('order')
export class OrdersController {
  constructor(private readonly service: OrdersService) {}

  @Post('create_order')
  @ApiOperation({
    operationId: 'createOrder',
    summary: 'Accept an order',
    description: 'Answered once the order is committed. It is worked off in the background.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    description: 'Your own name for this request: however often you send it, there is one order.',
    schema: { type: 'string', minLength: 1, maxLength: MAX_KEY_LENGTH },
  })
  @ApiCreatedResponse({
    type: OrderDto,
    description: 'Accepted; or, with a key that was used before, the order as it is now.',
    headers: {
      Location: { description: 'Where the order is.', schema: { type: 'string' } },
      'Idempotent-Replayed': {
        description: '`true` when the key was used before.',
        schema: { type: 'string' },
      },
    },
  })
  @ApiProblem(HttpStatus.BAD_REQUEST, 'The body is not valid JSON, or the key does not fit.')
  @ApiProblem(HttpStatus.PAYLOAD_TOO_LARGE, 'The body is too large.')
  @ApiProblem(HttpStatus.UNSUPPORTED_MEDIA_TYPE, 'The body is not JSON.')
  @ApiProblem(
    HttpStatus.UNPROCESSABLE_ENTITY,
    'A field does not fit, the user or an item is unknown, the total is not the sum of the prices, or the key ' +
      'belongs to another order.',
  )
  async create(
    @Body() body: CreateOrderDto,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<OrderDto> {
    const { order, replayed } = await this.service.create(toNewOrder(body, key));
    response.setHeader('Location', `/order/get_order/${order.id}`);
    if (replayed) response.setHeader('Idempotent-Replayed', 'true');
    return toOrderDto(order);
  }

  @Get('get_order/:order_id')
  @ApiOperation({
    operationId: 'getOrder',
    summary: 'Show an order',
    description: 'The order as it stands now.',
  })
  @ApiOrderId()
  @ApiOkResponse({ type: OrderDto })
  async get(@Param('order_id', IdPipe) orderId: number): Promise<OrderDto> {
    return toOrderDto(await this.service.get(orderId));
  }

  @Get('list_orders')
  @ApiOperation({
    operationId: 'listOrders',
    summary: 'List orders',
    description:
      'Newest first, page by page. Orders that come in meanwhile do not shift the pages that follow.',
  })
  @ApiOkResponse({ type: OrderListDto })
  @ApiProblem(HttpStatus.UNPROCESSABLE_ENTITY, 'A filter or the cursor does not fit.')
  async list(@Query() query: ListOrdersDto): Promise<OrderListDto> {
    return toOrderListDto(await this.service.list(toOrderFilter(query)));
  }

  @Post('cancel_order/:order_id')
  @ApiOperation({
    operationId: 'cancelOrder',
    summary: 'Cancel an order',
    description:
      'An order that waits is cancelled at once. One that is worked on is asked to stop; it is CANCELLED as soon as ' +
      'it has, unless it was through before it heard.',
  })
  @ApiOrderId()
  @ApiOkResponse({ type: OrderDto, description: 'Cancelled, now or before.' })
  @ApiAcceptedResponse({ type: OrderDto, description: 'Asked for; the order is being worked on.' })
  @ApiProblem(HttpStatus.CONFLICT, 'The order has completed or failed.')
  async cancel(
    @Param('order_id', IdPipe) orderId: number,
    @Res({ passthrough: true }) response: Response,
  ): Promise<OrderDto> {
    const order = await this.service.cancel(orderId);
    response.status(order.status === 'CANCELLED' ? HttpStatus.OK : HttpStatus.ACCEPTED);
    return toOrderDto(order);
  }

  @Post('retry_order/:order_id')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    operationId: 'retryOrder',
    summary: 'Retry a failed order',
    description: 'A FAILED order is PENDING again, with all its attempts.',
  })
  @ApiOrderId()
  @ApiOkResponse({ type: OrderDto })
  @ApiProblem(HttpStatus.CONFLICT, 'The order is not FAILED.')
  async retry(@Param('order_id', IdPipe) orderId: number): Promise<OrderDto> {
    return toOrderDto(await this.service.retry(orderId));
  }
}
