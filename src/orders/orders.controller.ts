import { Body, Controller, Get, HttpStatus, Param, Post, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { ApiProblem } from '../common/api-problem.decorator';
import { IdPipe } from '../common/id.pipe';
import { toCents } from '../common/money';
import { CreateOrderDto } from './dto/create-order.dto';
import { OrderDto, toOrderDto } from './dto/order.dto';
import { OrdersService } from './orders.service';

@ApiTags('orders')
@Controller('order')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Post('create_order')
  @ApiOperation({
    operationId: 'createOrder',
    summary: 'Accept an order',
    description: 'Answered once the order is committed. It is worked off in the background.',
  })
  @ApiCreatedResponse({
    type: OrderDto,
    description: 'Accepted.',
    headers: { Location: { description: 'Where the order is.', schema: { type: 'string' } } },
  })
  @ApiProblem(HttpStatus.BAD_REQUEST, 'The body is not valid JSON.')
  @ApiProblem(HttpStatus.PAYLOAD_TOO_LARGE, 'The body is too large.')
  @ApiProblem(HttpStatus.UNSUPPORTED_MEDIA_TYPE, 'The body is not JSON.')
  @ApiProblem(
    HttpStatus.UNPROCESSABLE_ENTITY,
    'A field does not fit, the user or an item is unknown, or the total is not the sum of the prices.',
  )
  @ApiProblem(HttpStatus.SERVICE_UNAVAILABLE, 'The database is away; try again after Retry-After.')
  async create(
    @Body() body: CreateOrderDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<OrderDto> {
    const order = await this.orders.create({
      userId: body.user_id,
      itemIds: body.item_ids,
      totalCents: toCents(body.total_amount) ?? 0,
    });
    response.setHeader('Location', `/order/get_order/${order.id}`);
    return toOrderDto(order);
  }

  @Get('get_order/:order_id')
  @ApiOperation({ operationId: 'getOrder', summary: 'Show an order' })
  @ApiParam({ name: 'order_id', schema: { type: 'integer', minimum: 1 }, example: 2 })
  @ApiOkResponse({ type: OrderDto })
  @ApiProblem(HttpStatus.NOT_FOUND, 'There is no such order.')
  @ApiProblem(HttpStatus.UNPROCESSABLE_ENTITY, 'The id is not a positive whole number.')
  @ApiProblem(HttpStatus.SERVICE_UNAVAILABLE, 'The database is away; try again after Retry-After.')
  async get(@Param('order_id', IdPipe) orderId: number): Promise<OrderDto> {
    return toOrderDto(await this.orders.get(orderId));
  }
}
