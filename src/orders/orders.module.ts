import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CatalogModule } from '../catalog/catalog.module';
import { ClaimsRepository } from './claims.repository';
import { OrderClaims } from './order-claims.service';
import { OrderSignals } from './order-signals.service';
import { Order } from './order.entity';
import { OrdersController } from './orders.controller';
import { OrdersRepository } from './orders.repository';
import { OrdersService } from './orders.service';

@Module({
  imports: [TypeOrmModule.forFeature([Order]), CatalogModule],
  controllers: [OrdersController],
  providers: [OrdersService, OrdersRepository, OrderClaims, ClaimsRepository, OrderSignals],
  exports: [OrdersService, OrderClaims, OrderSignals],
})
export class OrdersModule {}
