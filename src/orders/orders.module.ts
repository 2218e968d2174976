import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CatalogModule } from '../catalog/catalog.module';
import { OrderSignals } from './order-signals.service';
import { Order } from './order.entity';
import { OrdersController } from './orders.controller';
import { OrdersRepository } from './orders.repository';
import { OrdersService } from './orders.service';

@Module({
  imports: [TypeOrmModule.forFeature([Order]), CatalogModule],
  controllers: [OrdersController],
  providers: [OrdersService, OrdersRepository, OrderSignals],
  exports: [OrdersService, OrderSignals],
})
export class OrdersModule {}
