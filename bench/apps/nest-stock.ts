import 'reflect-metadata';
import { Body, Controller, Module, Post } from '@nestjs/common';
import { CreateOrderDto } from './create-order.dto';
import { listen } from './listen';
import { answer, type OrderAnswer } from './order-answer';

/** Gives the same responses as the service, but stores nothing: there is no database. */
@Controller('order')
class OrdersController {
  private lastId = 0;

  @Post('create_order')
  create(@Body() order: CreateOrderDto): OrderAnswer {
    this.lastId += 1;
    return answer(this.lastId, order, new Date());
  }
}

@Module({ controllers: [OrdersController] })
class AppModule {}

void listen(AppModule);
