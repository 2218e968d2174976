import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CatalogService } from './catalog.service';
import { Item } from './item.entity';
import { User } from './user.entity';

@Module({
  imports: [TypeOrmModule.forFeature([User, Item])],
  providers: [CatalogService],
  exports: [CatalogService],
})
export class CatalogModule {}
