import 'reflect-metadata';
import { Body, Controller, Module, Post } from '@nestjs/common';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { CreateOrderDto } from './create-order.dto';
import { listen } from './listen';
import { answer, type OrderAnswer } from './order-answer';
import { Order } from './order.entity';

/** Saves each order separately, as Nest's documentation shows it: no catalog, no events, no counters. */
@Controller('order')
class OrdersController {
  constructor(@InjectRepository(Order) private readonly orders: Repository<Order>) {}

  @Post('create_order')
  async create(@Body() body: CreateOrderDto): Promise<OrderAnswer> {
    const order = await this.orders.save({
      userId: body.user_id,
      itemIds: body.item_ids,
      itemPrices: [],
      totalAmount: body.total_amount.toFixed(2),
    });
    return answer(Number(order.id), body, order.createdAt);
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.argv[2] ?? '',
      entities: [Order],
      poolSize: 10,
    }),
    TypeOrmModule.forFeature([Order]),
  ],
  controllers: [OrdersController],
})
class AppModule {}

void listen(AppModule);
