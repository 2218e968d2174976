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
import { ApiInvalidField, ApiOrderId, ApiProblems } from '../http/problems/api-problems.decorator';
import { IdPipe } from '../http/validation/id.pipe';
import { IdempotencyKey, MAX_KEY_LENGTH } from '../http/validation/idempotency-key.decorator';
import { CreateOrderDto, toNewOrder } from './dto/create-order.dto';
import {
  INVALID_LIMIT,
  ListOrdersDto,
  OrderListDto,
  toOrderFilter,
  toOrderListDto,
} from './dto/list-orders.dto';
import { OrderDto, toOrderDto } from './dto/order.dto';
import { OrdersService } from './orders.service';

@ApiTags('orders')
@ApiProblems('database_unavailable')
@Controller('order')
export class OrdersController {
  constructor(private readonly service: OrdersService) {}

  @Post('create_order')
  @ApiOperation({
    operationId: 'createOrder',
    summary: 'Create an order',
    description:
      'Answers once the order is committed in the database. The order is processed in the background.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    description:
      'A key of your choice, e.g. a UUID. Requests with the same key create one order, however often they are sent.',
    schema: { type: 'string', minLength: 1, maxLength: MAX_KEY_LENGTH },
  })
  @ApiCreatedResponse({
    type: OrderDto,
    description:
      'The order was created; or, with a key that was used before, the order as it is now.',
    headers: {
      Location: { description: 'The path of the order.', schema: { type: 'string' } },
      'Idempotent-Replayed': {
        description: '`true` when the key was used before.',
        schema: { type: 'string' },
      },
    },
  })
  @ApiProblems(
    'malformed_json',
    'request_aborted',
    'body_length_mismatch',
    'invalid_idempotency_key',
    'body_too_large',
    'unsupported_media_type',
    'unsupported_encoding',
    'unsupported_charset',
    'validation_failed',
    'unknown_user',
    'unknown_item',
    'total_mismatch',
    'idempotency_key_reused',
    'database_unavailable',
    'overloaded',
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
    summary: 'Get an order',
    description: 'The order as it is now.',
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
      'Newest first, in pages. Orders that are created meanwhile do not shift the following pages.',
  })
  @ApiOkResponse({ type: OrderListDto })
  @ApiInvalidField('/order/list_orders', INVALID_LIMIT)
  async list(@Query() query: ListOrdersDto): Promise<OrderListDto> {
    return toOrderListDto(await this.service.list(toOrderFilter(query)));
  }

  @Post('cancel_order/:order_id')
  @ApiOperation({
    operationId: 'cancelOrder',
    summary: 'Cancel an order',
    description:
      'A PENDING order is cancelled at once. For a PROCESSING order the cancellation is requested: the order is ' +
      'CANCELLED as soon as its processing has stopped, unless it completes first.',
  })
  @ApiOrderId()
  @ApiOkResponse({
    type: OrderDto,
    description: 'The order is cancelled, by this request or an earlier one.',
  })
  @ApiAcceptedResponse({
    type: OrderDto,
    description: 'Cancellation requested; the order is still PROCESSING.',
  })
  @ApiProblems('cancel_too_late')
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
    description: 'Makes a FAILED order PENDING again, with all of its attempts.',
  })
  @ApiOrderId()
  @ApiOkResponse({ type: OrderDto })
  @ApiProblems('not_failed')
  async retry(@Param('order_id', IdPipe) orderId: number): Promise<OrderDto> {
    return toOrderDto(await this.service.retry(orderId));
  }
}
